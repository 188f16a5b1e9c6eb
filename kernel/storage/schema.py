"""The schema of the database: bring it up to date, and say where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The revision the database has and the newest one this program knows; empty before the first."""

    current: str
    newest: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is left to apply."""
        return self.current == self.newest


def _script_config(folder: str) -> Config:
    config = Config()
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, the job tables of DBOS included."""
    with as_file(files("kernel.storage").joinpath("migrations")) as folder:
        config = _script_config(str(folder))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    # imported late: DBOS takes over a second to load
    from dbos import DBOS

    DBOS.migrate(engine.url.render_as_string(hide_password=False))


def status(engine: Engine) -> SchemaStatus:
    """Return where the schema stands."""
    with as_file(files("kernel.storage").joinpath("migrations")) as folder:
        newest = ScriptDirectory.from_config(_script_config(str(folder))).get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return SchemaStatus(current or "", newest or "")
