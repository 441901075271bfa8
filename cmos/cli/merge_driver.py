"""``cmosctl hook merge-driver``: what git runs to merge a mission file."""

from __future__ import annotations

from typing import Optional, Tuple

import click


@click.command("merge-driver", hidden=True)
@click.argument("base", type=click.Path())
@click.argument("ours", type=click.Path())
@click.argument("theirs", type=click.Path())
@click.argument("path", type=click.Path())
@click.option("--marker-size", type=click.IntRange(min=1), default=7, help="Length of the conflict markers.")
@click.option("--labels", nargs=2, help="What the markers call ours and theirs.")
def merge_driver(
    base: str, ours: str, theirs: str, path: str, marker_size: int, labels: Optional[Tuple[str, str]]
) -> int:
    """Merge BASE, OURS and THEIRS of the mission file PATH into OURS; 1 when conflicts are left."""
    from cmos.merge.merge import Style, merge_files

    style = Style(marker_size)
    # git before 2.44 hands on the placeholders as they are
    if labels and not any(label in ("", "%X", "%Y") for label in labels):
        style = style._replace(ours=labels[0], theirs=labels[1])
    return 0 if merge_files(base, ours, theirs, style) else 1
