"""What goes wrong with a practice branch."""

from __future__ import annotations

from kernel.api.errors import QuayDienError


class FolderTaken(QuayDienError):
    """The folder holds something else than a practice branch: nothing in it is touched. Facts: folder."""

    code = "practice.folder_taken"
