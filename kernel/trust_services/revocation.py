"""What is known of certificates' revocation: by OCSP where they name a responder, else by their list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kernel import clock
from kernel.signing.errors import RevocationUnavailable, StatementWrong
from kernel.signing.ports import Revocations
from kernel.trust_services.errors import TrustServiceError, together
from kernel.trust_services.sources import completed, name_of, sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from kernel.api.errors import QuayDienError
    from kernel.signing.trust import Trust
    from kernel.trust_services.statements import Statements

__all__ = ["ExaminedSource", "RevocationService"]

Kind = Literal["ocsp", "crl"]


@dataclass(frozen=True, slots=True)
class ExaminedSource:
    """What a source answered just now: `problem`, or when its statement was made and until when it stands."""

    kind: Kind
    url: str
    problem: QuayDienError | None
    made: datetime | None = None
    until: datetime | None = None


class RevocationService:
    """The RevocationSource of a branch. Safe to use from several threads."""

    def __init__(self, statements: Statements, trust: Callable[[], Trust]) -> None:
        """`trust` tells what the branch believes in now; its lists serve where no source can be reached."""
        self._statements = statements
        self._trust = trust

    def revocations(self, chain: Sequence[bytes], *, newer_than: datetime | None = None) -> Revocations:
        """Return revocation data for every certificate of `chain` (DER, the root last) that names a source.

        What is kept and was made after `newer_than` is not asked for again; what comes from a source may be older
        where the source has nothing newer. That a certificate is revoked is told as any other answer. Raises
        RevocationUnavailable with the certificates nothing could be learnt about, and why.
        """
        path = completed(chain, self._trust())
        found = Revocations()
        unknown: list[str] = []
        why: list[QuayDienError] = []
        for place, certificate in enumerate(path[:-1]):
            said: list[QuayDienError] = []
            learnt = self._learn(path[place:], newer_than, said)
            if learnt is None and said:
                unknown.append(name_of(certificate))
                why += said
            found += learnt or Revocations()
        if unknown:
            raise RevocationUnavailable(names=", ".join(unknown), detail=together(why))
        return found

    def examine(self, chain: Sequence[bytes], *, without: Collection[str] = ()) -> Iterator[ExaminedSource]:
        """Ask every source that the certificates of `chain` name, whatever is kept or known of it, but `without` these.

        Raises RevocationUnavailable for a chain that leads to no trusted root.
        """
        path = completed(chain, self._trust())
        seen = set(without)
        for place, certificate in enumerate(path[:-1]):
            sources = sources_of(certificate)
            named: tuple[tuple[Kind, str], ...] = (
                *(("ocsp", url) for url in sources.ocsp),
                *(("crl", url) for url in sources.lists),
            )
            for kind, url in named:
                if url not in seen:
                    seen.add(url)
                    yield self._examined(kind, url, path[place:])

    def _examined(self, kind: Kind, url: str, path: Sequence[bytes]) -> ExaminedSource:
        fetch = self._statements.fetch_ocsp if kind == "ocsp" else self._statements.fetch_list
        try:
            statement = fetch(url, path)
        except (TrustServiceError, StatementWrong) as problem:
            return ExaminedSource(kind, url, problem)
        return ExaminedSource(kind, url, None, statement.made, statement.until)

    def _learn(
        self, path: Sequence[bytes], newer_than: datetime | None, said: list[QuayDienError]
    ) -> Revocations | None:
        """Return what can be learnt of the first certificate of `path`; the problems met are put into `said`."""
        sources = sources_of(path[0])
        for url in sources.ocsp:
            try:
                statement = self._statements.ocsp(url, path, newer_than)
            except (TrustServiceError, StatementWrong) as problem:
                said.append(problem)
                continue
            answer = Revocations(ocsps=(statement.der,))
            if statement.responder is None:
                return answer
            # a delegate may be revoked itself: what is known of it belongs to the answer
            of_delegate = self._by_list((statement.responder, *path[1:]), newer_than, said)
            return answer + (of_delegate or Revocations())
        return self._by_list(path, newer_than, said)

    def _by_list(
        self, path: Sequence[bytes], newer_than: datetime | None, said: list[QuayDienError]
    ) -> Revocations | None:
        for url in sources_of(path[0]).lists:
            try:
                return Revocations(crls=(self._statements.list(url, path, newer_than).der,))
            except (TrustServiceError, StatementWrong) as problem:
                said.append(problem)
        return self._by_hand(path) if said else None

    def _by_hand(self, path: Sequence[bytes]) -> Revocations | None:
        """Return the list of this certificate that an administrator put among the trusted files."""
        # imported late: pyHanko takes half a second to load
        from kernel.signing.revocation import read_list

        for der in self._trust().crls:
            try:
                return Revocations(crls=(read_list(der, path, clock.now()).der,))
            except StatementWrong:
                continue  # of another authority, or too old
        return None
