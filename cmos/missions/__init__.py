"""Missions: lifecycle, rows, finding one."""
