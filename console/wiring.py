"""The one place that knows concrete classes: from the settings to an office at work."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from kernel import settings
from kernel.api.ports import CmisPort, RemoteSigningPort, SmsPort
from kernel.casework.office import Office, branch_trust
from kernel.errors import SettingsInvalid
from kernel.jobs.outbox import Outbox
from kernel.registry import Registry
from kernel.settings import AdapterSettings, ModuleSettings, Settings
from kernel.storage.blobs import Blobs
from kernel.storage.engine import open_engine
from kernel.tokens.client import Signer
from kernel.tokens.pin_file import read_pin
from kernel.tokens.pool import SignerPool
from kernel.tokens.settings import SignerSettings
from kernel.tokens.watch_client import Watch, WatchedModule
from kernel.trust_services.connect import connect


@runtime_checkable
class SupportsClose(Protocol):
    """An adapter that holds connections."""

    def close(self) -> None:
        """Let go of them."""


def open_office(home: Path) -> Office:
    """Return the office of the installation in `home`. Raises what its settings, database and adapters raise."""
    chosen = settings.load(home)
    engine = open_engine(chosen.database_url)
    registry = Registry.discover(frozenset(chosen.plugins.disabled))
    return Office(
        settings=chosen,
        engine=engine,
        blobs=Blobs(chosen.blobs),
        registry=registry,
        outbox=Outbox(engine),
        cmis=cast("CmisPort", _connect(registry, chosen.cmis)),
        sms=cast("SmsPort", _connect(registry, chosen.sms)),
        signers=_signers(chosen),
        remote={
            service.id: cast("RemoteSigningPort", registry.adapter(service.adapter).connect(service.options))
            for service in chosen.signing.remote
        },
        trust_services=connect(chosen, partial(branch_trust, chosen)),
    )


def _signers(chosen: Settings) -> dict[str, Signer | SignerPool]:
    """Return a signer for each module, or for each key that an HSM's module was given to."""
    modules = {module.id: module for module in chosen.signing.modules}
    for key in chosen.signing.keys:
        if key.module not in modules:
            raise SettingsInvalid(path=chosen.home / settings.FILE_NAME, detail=f"signing.keys: no module {key.module}")
    of_keys = {key.module for key in chosen.signing.keys}
    tokens = {name: Signer(signer_settings(chosen, module)) for name, module in modules.items() if name not in of_keys}
    pools = {
        key.id: SignerPool(
            replace(signer_settings(chosen, modules[key.module]), state_dir=chosen.state / "signer" / key.id),
            key.certificate,
            key.purposes,
            partial(read_pin, chosen.home / key.pin_file),
            size=key.processes,
        )
        for key in chosen.signing.keys
    }
    return {**tokens, **pools}


def close_office(office: Office) -> None:
    """End the signer processes and let go of the systems outside and of the database."""
    for signer in office.signers.values():
        signer.close()
    for port in (office.cmis, office.sms, *office.remote.values()):
        if isinstance(port, SupportsClose):
            port.close()
    if office.trust_services is not None:
        office.trust_services.close()
    office.engine.dispose()


def signer_settings(chosen: Settings, module: ModuleSettings) -> SignerSettings:
    """Return what the signer process of a module is told."""
    return SignerSettings(
        module=module.path,
        state_dir=chosen.state / "signer" / module.id,
        max_tries=module.max_tries,
        idle_seconds=chosen.signing.idle_seconds,
        prefer_pss=chosen.signing.prefer_pss,
        require_pss=chosen.signing.require_pss,
        digest=chosen.signing.digest,
        env=module.environment,
    )


def _connect(registry: Registry, adapter: AdapterSettings) -> object:
    return registry.adapter(adapter.adapter).connect(adapter.options)


def open_watch(chosen: Settings) -> Watch:
    """Start the device watch over the modules of the settings."""
    # a module that serves tokens and an HSM's key is one module to watch
    modules = {module.path: module for module in reversed(chosen.signing.modules)}
    watch = Watch(
        [WatchedModule(path, module.rescan, module.environment) for path, module in modules.items()],
        lambda _: None,
        log=chosen.state / "watch.log",
    )
    watch.start()
    return watch
