"""What may be changed in a document after a signature: archive data and further signatures, nothing else.

pyHanko compares every later revision with the signed one, object by object. Its default policy also lets forms be
filled in; a contract has no form to fill in after signing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DiffResult,
    DocInfoRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.commons import compare_dicts
from pyhanko.sign.diff_analysis.rules_api import ReferenceUpdate, WhitelistRule
from pyhanko.sign.fields import enumerate_sig_fields

from kernel.signing._pdf import entry
from kernel.signing.attachments import attachment_names
from kernel.signing.metadata_changes import SameMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

__all__ = ["AFTER_SIGNING", "Changes", "allowed", "consent_update_only", "tail_is_clean"]

_STORE = ("/Root", "/DSS")
_UNSEEN = ("/AdditionalStreams",)  # LibreOffice's own trailer entry, read by nothing else, often dangling
_LTA = ModificationLevel.LTA_UPDATES


class _NoDrawnEmptyFields(SigFieldCreationRule):
    """A further signature field may come with its signature, or empty; an empty one may not show anything."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko declares no types here

    def apply(self, context: Any) -> Iterator[Any]:
        for spec in context.field_specs.values():
            if spec.old_field_ref is None and spec.new_field_ref is not None and _draws(spec.new_field):
                raise SuspiciousModification("a new field without a signature shows something")
        yield from super().apply(context)


def _draws(field: generic.DictionaryObject) -> bool:
    if entry(field, "/V") is not None:
        return False
    widgets = [field, *(kid.get_object() for kid in entry(field, "/Kids", ()))]
    looks = [entry(entry(widget, "/AP", {}), "/N") for widget in widgets]
    return any(isinstance(look, generic.StreamObject) and look.data.strip() for look in looks)


class _ArchiveData(WhitelistRule):
    """The document security store may be renewed in any way: what it holds is proved by its own signatures.

    pyHanko's rule refuses a changed `/VRI` entry, which other tools write when they renew. Here an object may be
    written if it is new, or was used nowhere but in the store.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Any]:
        if "/DSS" not in new.root:
            if "/DSS" in old.root:
                raise SuspiciousModification("the security store was removed")
            return
        old._load_reverse_xref_cache()
        written = new.explicit_refs_in_revision()
        for reference in new.collect_dependencies(new.root.raw_get("/DSS")) & written:
            uses = old._get_usages_of_ref(reference)
            if all(tuple(use)[:2] == _STORE or tuple(use)[:1] == _UNSEEN for use in uses):
                yield ReferenceUpdate(reference)


AFTER_SIGNING = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(ignored_keys=frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})),
        DocInfoRule().as_qualified(_LTA),
        XrefStreamRule().as_qualified(_LTA),
        ObjectStreamRule().as_qualified(_LTA),
        _ArchiveData().as_qualified(_LTA),
        MetadataUpdateRule().as_qualified(_LTA),
        SameMetadata().as_qualified(_LTA),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[_NoDrawnEmptyFields(), SigFieldModificationRule()],
        ignored_acroform_keys=frozenset({"/Fields", "/DR", "/DA", "/Q"}),
    ),
)


def allowed(result: object) -> bool:
    """Tell whether a comparison by `AFTER_SIGNING` found only what is allowed."""
    return isinstance(result, DiffResult) and result.modification_level <= ModificationLevel.FORM_FILLING


def tail_is_clean(pdf: bytes, reader: PdfFileReader) -> bool:
    """Tell whether nothing but line ends follows the last revision the cross-references know."""
    marker = b"startxref"
    own = pdf.find(marker, reader.last_startxref)
    pointer, end, rest = pdf[own + len(marker) :].partition(b"%%EOF")
    return (
        own >= 0 and bool(end) and pointer.split() == [str(reader.last_startxref).encode()] and not rest.strip(b"\r\n")
    )


class Changes:
    """What came after each revision of a file. Each step from one revision to the next is compared once."""

    def __init__(self, reader: PdfFileReader) -> None:
        self.reader = reader
        self._steps: dict[int, str | None] = {}

    def after(self, revision: int) -> str | None:
        """Return what was changed after `revision` that is not allowed, None if nothing.

        A row of allowed steps is an allowed change. What pyHanko raises on files it does not understand passes.
        """
        for step in range(revision, self.reader.total_revisions - 1):
            if step not in self._steps:
                self._steps[step] = self._compared(step)
            if self._steps[step] is not None:
                return self._steps[step]
        return None

    def _compared(self, step: int) -> str | None:
        old, new = (self.reader.get_historical_resolver(revision) for revision in (step, step + 1))
        try:
            result = AFTER_SIGNING.apply(old, new)
        except SuspiciousModification as problem:
            return str(problem)
        if not allowed(result):
            return str(result.modification_level.name)
        if _fills_a_gap(old, new):
            return "an object that was referred to and missing was put in"
        return None if _archives_or_signs(old, new) else "an update that is neither archive data nor a signature"


def _fills_a_gap(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Tell whether an update writes an object that what was signed refers to and does not have.

    pyHanko takes every number beyond the old table for new; a prepared page can wait for it (shadow attack).
    """
    old._load_reverse_xref_cache()
    uses = (use for one in new.explicit_refs_in_revision() if _absent(old, one) for use in old._get_usages_of_ref(one))
    return any(tuple(use)[:1] != _UNSEEN for use in uses)


def _absent(version: HistoricalResolver, reference: generic.Reference) -> bool:
    try:
        return version.reader.xrefs.get_historical_ref(reference, version.revision) is None
    except KeyError:
        return True


def _archives_or_signs(old: HistoricalResolver, new: HistoricalResolver) -> bool:
    """Tell whether an update brought archive data, a signature, or a field for one."""
    if "/DSS" in new.root and new.collect_dependencies(new.root.raw_get("/DSS")) & new.explicit_refs_in_revision():
        return True
    before, after = ({name: value is not None for name, value, _ in enumerate_sig_fields(one)} for one in (old, new))
    return before != after


def consent_update_only(old: HistoricalResolver, new: HistoricalResolver, name: str) -> bool:
    """Tell whether `new` differs from `old` by the embedded file `name` alone.

    Every object written is new but the catalog, in which only this file was added to `/Names` and `/AF`.
    """
    written = new.explicit_refs_in_revision() - {new.root_ref}
    if new.refs_freed_in_revision() or any(not old.is_ref_unassignable(reference) for reference in written):
        return False
    before, after = dict(attachment_names(old.root)), dict(attachment_names(new.root))
    specification = after.pop(name)
    same_rest = compare_dicts(old.root, new.root, frozenset({"/Names", "/AF"}), raise_exc=False)
    same_names = _others(old.root, "/EmbeddedFiles") == _others(new.root, "/EmbeddedFiles")
    associated = list(entry(new.root, "/AF", ())) == [*entry(old.root, "/AF", ()), specification]
    return bool(same_rest and same_names and associated and before == after)


def _others(root: generic.DictionaryObject, key: str) -> dict[str, Any]:
    names = entry(root, "/Names", {})
    return {name: names.raw_get(name) for name in names if name != key}
