"""The schedule: PeriodicTask rows, made when missing and then left to the admin."""


def create_missing_rows(**kwargs: object) -> None:
    """Make the rows that are missing after a migrate."""
