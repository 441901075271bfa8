"""``cmosctl hook merge-driver``: what git runs to merge a mission file."""

from __future__ import annotations

import click


@click.command("merge-driver", hidden=True)
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path())
@click.argument("theirs", type=click.Path())
@click.argument("path", type=click.Path())
@click.option("--marker-size", type=click.IntRange(min=1), default=7, help="Length of the conflict markers.")
def merge_driver(base: str, ours: str, theirs: str, path: str, marker_size: int) -> int:
    """Merge BASE, OURS and THEIRS of the mission file PATH into OURS; 1 when conflicts are left."""
    from cmos.files.merging import Style
    from cmos.services.merging import merge_files

    return 0 if merge_files(base, ours, theirs, Style(marker_size)) else 1
