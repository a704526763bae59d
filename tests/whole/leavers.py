"""People who leave a city and take their exit interview in a chat, too."""

from datetime import timedelta

from handlers.effects import Join, Step
from handlers.exits import desk
from handlers.exits.roster import Invitee
from storage import effects, exits
from storage.database import Transaction
from tests.town import Town


async def take_part(town: Town, city: str, phone: str, channel: str, sender: str, days: float = 0) -> None:
    """Invite a phone, to be asked in some days, whose owner has this account (`team/user`) in a chat."""

    async def work(tx: Transaction) -> None:
        service = town.service
        scene = await exits.by_operator(tx, service.vault, service.region, city, (phone,), town.clock())
        one = Invitee(phone, "en", "", "signed form", town.clock() + timedelta(days=days))
        invited = desk.invited(scene.facts, scene.facts.jurisdiction, [one], town.clock(), "operator")
        join = Join(scene.facts.standing[phone].person, channel, sender)
        await effects.write(scene, Step((*invited, join)))

    await town.service.database.transact(work)
