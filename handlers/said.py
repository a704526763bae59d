"""One text being answered: what was said, what is known, and what is gathered to be done."""

from dataclasses import replace

from handlers.clean import clean
from handlers.effects import Effect, Reply, Step
from handlers.language import detect, is_bare, plainly
from handlers.messages import Inbound, Media
from handlers.state import Case, Conversation, Facts

APART = "\x1f"  # cannot be in a cleaned text


class Said:
    """A text on its way through a step. Effects are gathered in order; `step` hands them over."""

    def __init__(self, inbound: Inbound, facts: Facts) -> None:
        self.inbound = inbound
        self.facts = facts
        self.text = clean(inbound.text)
        self.media: tuple[Media, ...] = inbound.media
        self.conversation: Conversation = facts.conversation
        self.cases: tuple[Case, ...] = facts.cases
        self.effects: list[Effect] = []
        self.traceless = False
        self.language = self._language()

    def say(self, key: str, case: Case | None = None, urgent: bool = False, **fields: object) -> None:
        """Text a catalogue text back."""
        self.say_text(self.words(key, **fields), case, urgent)

    def say_text(self, text: str, case: Case | None = None, urgent: bool = False, tag: bool = True) -> None:
        """Text back; about a case, with its tag where the person has several. Nothing to whom has stopped texts."""
        if self.conversation.stopped:
            return
        if case and tag and len(self.open_cases()) > 1:
            text = f"[{case.word}] {text}"
        self.effects.append(Reply(text, case.id if case else "", urgent))

    def words(self, key: str, **fields: object) -> str:
        """A catalogue text in this person's language."""
        return self.facts.texts.say(self.language, key, **fields)

    def do(self, *effects: Effect) -> None:
        """Gather what is to be done."""
        self.effects.extend(effects)

    def change(self, **changes: object) -> None:
        """Change where the person stands."""
        self.conversation = self.conversation.but(**changes)

    def keep(self, case: Case) -> None:
        """Remember a case as it is now, new or changed."""
        if self.case(case.id) is None:
            self.cases = (case, *self.cases)
        else:
            self.cases = tuple(case if known.id == case.id else known for known in self.cases)

    def case(self, id: str) -> Case | None:
        """A case of this person."""
        return next((case for case in self.cases if case.id == id), None)

    def open_cases(self) -> tuple[Case, ...]:
        """This person's cases that are not concluded, newest first."""
        return tuple(case for case in self.cases if case.stage != "concluded")

    def speak(self, language: str) -> None:
        """Go on in a language."""
        self.language = language
        self.change(language=language)

    def languages(self) -> str:
        """The languages there are, with the words that ask for them: "English (LANG EN), Español (LANG ES)"."""
        texts = self.facts.texts
        known = self.facts.jurisdiction.languages
        return ", ".join(f"{texts.say(one, 'name')} (LANG {one.upper()})" for one in known)

    def held(self) -> str:
        """This text and its pictures as one word to be kept for later."""
        pictures = (part for media in self.media for part in (media.url, media.content_type))
        return APART.join((self.text, *pictures))

    def take_up(self, held: str) -> None:
        """Go on with a text that was held."""
        self.text, *parts = held.split(APART)
        self.media = tuple(map(Media, parts[::2], parts[1::2]))

    def step(self) -> Step:
        """All that was decided. The conversation is written, for its time says when the person last spoke.

        Unless they shall leave no trace."""
        return Step(tuple(self.effects), None if self.traceless else self.conversation)

    def _language(self) -> str:
        """The language kept, until a text is all in another; else one that this text is clear about, else the city's
        first. A mere "hi" is not kept."""
        known = self.facts.jurisdiction.languages
        if (kept := self.conversation.language) in known:
            heard = plainly(self.text)
            if heard in known and heard != kept:
                self.conversation = replace(self.conversation, language=heard)
                return heard
            return kept
        heard = detect(self.text)
        if heard in known and is_bare(self.text):
            return heard
        if heard in known:
            self.conversation = replace(self.conversation, language=heard)
            return heard
        earlier = (case.language for case in self.facts.cases if case.language in known)
        return next(earlier, known[0])
