"""The settings of one installation: a typed tree read from `quaydien.toml` in its home folder.

Unknown keys are refused with the nearest name. Relative paths are taken from the home folder.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kernel.api.documents import Purpose, Role
from kernel.errors import HomeMissing, SettingsInvalid

FILE_NAME = "quaydien.toml"


class _Section(BaseModel):
    # strict: "5" and 5.0 are no whole number
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BranchSettings(_Section):
    """The branch this console works for."""

    code: str
    """MA_DVIQLY."""
    name: str
    practice: bool = False
    """A practice branch: its customers, certificates and messages are not real."""
    place: str
    """Địa danh printed before the date of a document."""
    party: dict[str, str]
    """Party A of every contract: don_vi, ma_so_thue, dia_chi_giao_dich …"""


class DatabaseSettings(_Section):
    """SQLite for one PC, PostgreSQL for a corporation: the same code, chosen by the URL."""

    url: str = "sqlite:///quaydien.db"


class ModuleSettings(_Section):
    """One PKCS#11 module and how it behaves."""

    id: str
    path: Path = Field(strict=False)
    rescan: Literal["slots", "reload"] = "slots"
    """How an inserted token is noticed: by C_GetSlotList, or only after the module is loaded again."""
    environment: dict[str, str] = Field(default_factory=dict)
    max_tries: int = 3
    """Wrong PINs until the token locks itself, where the token does not tell."""


class GrantSettings(_Section):
    """What keys that are not in the hands of who asks are for, and who may ask for them."""

    id: str
    purposes: tuple[Annotated[Purpose, Field(strict=False)], ...] = Field(strict=False, min_length=1)
    documents: tuple[str, ...] = Field(default=(), strict=False)
    """Document types they may sign; empty for all."""
    roles: tuple[Annotated[Role, Field(strict=False)], ...] = Field(strict=False, min_length=1)
    """Whose request they follow."""


class KeySettings(GrantSettings):
    """A key in an HSM that stands ready for the organisation."""

    module: str
    """Id of its PKCS#11 module, which then serves this key alone."""
    certificate: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the certificate's DER, hex."""
    processes: int = Field(default=2, ge=1, le=16)
    pin_file: Path = Field(strict=False)
    """A file with the PIN, readable by this installation's user alone."""


class RemoteSettings(GrantSettings):
    """A remote signing service: people sign with a key it keeps for them, by phone, PIN or code."""

    title: str
    """As staff know it: VNPT SmartCA, MySign …"""
    adapter: str
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)
    minutes: int = Field(default=5, ge=1, le=60)
    """How long a signature is awaited."""


class SigningSettings(_Section):
    """What signs, and how."""

    modules: tuple[ModuleSettings, ...] = Field(default=(), strict=False)
    keys: tuple[KeySettings, ...] = Field(default=(), strict=False)
    remote: tuple[RemoteSettings, ...] = Field(default=(), strict=False)
    own_token_minutes: int = Field(default=30, ge=5, le=1440)
    """How long a document waits for a signature by a device outside this installation."""
    prefer_pss: bool = True
    """RSASSA-PSS where the token can (TT 15/2025/TT-BKHCN, Annex I), else PKCS#1 v1.5."""
    require_pss: bool = False
    """A token that can't sign RSASSA-PSS is refused. Elliptic keys are not concerned."""
    digest: Literal["auto", "sha256", "sha384", "sha512"] = "auto"
    """Hash of the signatures; `auto` is SHA-256, and for a P-384 key SHA-384."""
    trust_folder: Path = Field(default=Path("trust"), strict=False)
    """Where the certificates lie that signatures are judged by (`quaydien trust`); several counters may share one."""
    idle_seconds: int = 120
    """An unlocked token is locked again after so long without a signature."""


class CodeSettings(_Section):
    """The one-time code a customer confirms with."""

    valid_minutes: int = Field(default=5, ge=1, le=60)
    tries: int = Field(default=5, ge=1, le=10)
    resend_seconds: int = Field(default=60, ge=0)
    sends_a_day: int = Field(default=5, ge=1)


class ArchiveSettings(_Section):
    """How finished documents are kept provable."""

    renew_days: int = Field(default=90, ge=1)
    """A time stamp is renewed so long before its certificate ends."""


class AdapterSettings(_Section):
    """Which adapter stands behind a port, and what it needs to connect."""

    adapter: str
    options: dict[str, str | int | float | bool] = Field(default_factory=dict)


class PluginSettings(_Section):
    """Plugins that IT has switched off, by id."""

    disabled: tuple[str, ...] = Field(default=(), strict=False)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("not an http:// or https:// address")
    if parts.username or parts.password:
        raise ValueError("user and password stand in entries of their own")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Account(_Section):
    """A user name and a file with the password, readable by this installation's user alone: both or neither."""

    user: str = ""
    password_file: Path | None = Field(default=None, strict=False)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file belong together")
        return self


class TimeStampSettings(_Account):
    """One time-stamping authority (RFC 3161)."""

    id: str = Field(pattern="^[a-z0-9_-]+$", max_length=40)
    url: WebAddress
    timeout: float = Field(default=10, gt=0, le=120)
    """Seconds for the whole answer."""
    policy: str = Field(default="", pattern=r"^([0-2](\.(0|[1-9][0-9]*))+)?$")
    """The policy its time stamps must be given under (OID); empty for whichever it chooses."""
    quota_day: int | None = Field(default=None, ge=1)
    """Time stamps a calendar day, Vietnamese time; None for no limit."""
    quota_month: int | None = Field(default=None, ge=1)
    certificates: tuple[Path, ...] = Field(default=(), strict=False)
    """Files with the only roots it may lead to, and with intermediates it does not send; empty for the trust folder."""


class ProxySettings(_Account):
    """The HTTP proxy between this branch and the trust services."""

    url: WebAddress
    direct: tuple[str, ...] = Field(default=(), strict=False)
    """Host names asked without the proxy."""


class TrustServiceSettings(_Section):
    """Where time stamps and revocation data come from."""

    time_stamp: tuple[TimeStampSettings, ...] = Field(default=(), strict=False)
    """In the order they are asked."""
    tries: int = Field(default=2, ge=1, le=5)
    """How often an authority is asked whose line fails, before the next one is."""
    rest_seconds: int = Field(default=60, ge=1, le=3600)
    """How long an authority that failed is left alone; doubled each time it fails again, up to an hour."""
    at_signing_seconds: float = Field(default=3, gt=0, le=30)
    """How long a signature waits for its time stamp in all before it is released without one."""
    proxy: ProxySettings | None = None
    ca_file: Path | None = Field(default=None, strict=False)
    """Certificates that https addresses are believed by, instead of the machine's."""
    timeout: float = Field(default=10, gt=0, le=120)
    """Seconds for an OCSP answer; a revocation list has six times as long."""
    cache: Path = Field(default=Path("cache/revocation"), strict=False)
    """Folder of the answers that are kept."""
    ocsp_max_age_hours: float = Field(default=24, gt=0)
    """A kept OCSP answer made longer ago is asked for anew, whatever it says of its own time."""
    crl_max_age_hours: float = Field(default=168, gt=0)
    ocsp_nonce: Literal["ask", "require", "never"] = "ask"
    """Many responders leave the nonce out; `require` refuses them, `never` is for those that take none."""
    crl_max_megabytes: int = Field(default=64, ge=1, le=1024)

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [authority.id for authority in self.time_stamp]
        if len(set(ids)) < len(ids):
            raise ValueError("time_stamp: two authorities have the same id")
        return self


class Settings(_Section):
    """Everything `quaydien.toml` may say."""

    branch: BranchSettings
    database: DatabaseSettings = DatabaseSettings()
    signing: SigningSettings = SigningSettings()
    code: CodeSettings = CodeSettings()
    archive: ArchiveSettings = ArchiveSettings()
    cmis: AdapterSettings
    sms: AdapterSettings
    plugins: PluginSettings = PluginSettings()
    trust_services: TrustServiceSettings | None = None
    language: Literal["vi", "en"] = "vi"
    idle_lock_minutes: int = 10
    home: Path = Path()
    """The folder the file was read from; set by `load`."""

    @property
    def database_url(self) -> str:
        """The database URL, a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        if self.database.url.startswith(prefix):
            return prefix + str(self.home / self.database.url.removeprefix(prefix))
        return self.database.url

    @property
    def blobs(self) -> Path:
        """Folder of the content-addressed files."""
        return self.home / "blobs"

    @property
    def trust(self) -> Path:
        """Folder of the certificates (and revocation lists) that signatures are judged by."""
        return self.home / self.signing.trust_folder

    @property
    def keys(self) -> Path:
        """Folder of this installation's own secrets, readable by its user alone."""
        return self.home / "keys"

    @property
    def state(self) -> Path:
        """Folder of the signer's journal and of running processes."""
        return self.home / "state"


def _known(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that stand where an unknown one was found."""
    model: type[BaseModel] | None = Settings
    for part in location[:-1]:
        if isinstance(part, int) or model is None:
            continue
        field = model.model_fields.get(part)
        annotation = field.annotation if field else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
    return list(model.model_fields) if model else []


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"])
        line = f"{where}: {problem['msg']}"
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(problem["loc"][-1]), _known(problem["loc"]), n=1)
            line = f"{where}: unknown key" + (f", did you mean {near[0]}?" if near else "")
        lines.append(line)
    return "; ".join(lines)


def load(home: Path) -> Settings:
    """Read the settings of `home`. Raises HomeMissing and SettingsInvalid."""
    path = home / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise HomeMissing(home=home) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(path=path, detail=error) from error
    try:
        read = tomllib.loads(text)
        if "home" in read:
            raise SettingsInvalid(path=path, detail="home: unknown key")
        return Settings(**{**read, "home": home.resolve()})
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(path=path, detail=error) from error
    except ValidationError as error:
        raise SettingsInvalid(path=path, detail=_explain(error)) from error
