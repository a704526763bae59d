"""A picture's whole way: from a phone, past everybody, to the eyes of one staff member, once."""

import io
import json
import re
from base64 import b64decode

import aiohttp
from PIL import ExifTags, Image

from tests.town import LINE, PHONE, Town


def photo() -> bytes:
    """Red above and blue below, with the place it was taken at."""
    picture = Image.new("RGB", (60, 40), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 60, 20))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "ACME"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (39.0, 5.0, 27.0)
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif)
    return made.getvalue()


async def visit(method: str, url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status, await answer.text()


async def test_a_picture_reaches_one_recipient_once_and_leaves_its_place_behind(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, "It is parked behind the depot.", [("image/jpeg", photo())])
    await town.settled()
    await town.service.tick()
    await town.case(f"view {town.word()}")
    (button,) = re.findall(r"\d+\.case_pictures", json.dumps(town.modal()))
    await town.slack.press("U0INDFIRST", town.modal()["id"], button)
    await town.settled()
    (url,) = re.findall(rf"{re.escape(town.address)}/desk/[\w-]+", json.dumps(town.modal()))
    assert (await visit("GET", url))[0] == 200
    status, page = await visit("POST", url)
    assert status == 200
    (shown,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    picture = Image.open(io.BytesIO(b64decode(shown)))
    assert picture.size == (60, 40)
    assert not dict(picture.getexif())
    assert (await visit("POST", url))[0] == 404
    assert "data:image" not in json.dumps([call.args for call in town.slack.requests], default=str)
