"""What the page for reports says, in Indonesian and English."""

from __future__ import annotations

from typing import Literal

Language = Literal["id", "en"]

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Laporkan gambar ini", "Report this picture"),
    "danger": ("Apakah ada anak yang dalam bahaya?", "Is a child in danger?"),
    "call": (
        "Hubungi lebih dulu. Mereka menolong, juga bila kamu sendiri anak itu.",
        "Call first. They help, also if that child is you.",
    ),
    "asked": ("Apa yang keliru dengan gambar ini?", "What is wrong with this picture?"),
    "reason": ("Alasan (boleh dikosongkan)", "Reason (may be left empty)"),
    "private": (
        "Jangan tulis nama atau nomor telepon. Kami tidak mencatat siapa yang melapor.",
        "Please write no names or phone numbers. We do not note who reports.",
    ),
    "report": ("Gambar ini tidak pantas", "This must not be shown"),
    "hidden": ("Gambar ini seharusnya tidak disembunyikan", "This need not be hidden"),
    "thanks": ("Terima kasih. Laporan sudah dicatat.", "Thank you. The report is recorded."),
    "next": (
        "Seseorang akan melihatnya. Halaman ini boleh ditutup.",
        "A person will look at it. You may close this page.",
    ),
    "unknown": (
        "Tidak ada gambar dengan nomor ini di sini. Periksa apakah tautannya lengkap.",
        "There is no picture of this number here. Check that the link is complete.",
    ),
    "failed": (
        "Laporan TIDAK tercatat karena ada gangguan. Coba lagi sebentar lagi.",
        "The report was NOT recorded, something is out of order. Try again in a moment.",
    ),
    "often": (
        "Terlalu banyak laporan dari sini. Coba lagi sebentar lagi.",
        "Too many reports from here. Try again in a moment.",
    ),
    "unclear": (
        "Laporan tidak terbaca. Pilih salah satu tombol.",
        "The report could not be read. Choose one of the buttons.",
    ),
    "other": ("In English", "Dalam bahasa Indonesia"),
}


def words(language: Language) -> dict[str, str]:
    """Return every text by its name."""
    place = 0 if language == "id" else 1
    return {name: texts[place] for name, texts in _WORDS.items()}


def language_of(asked: str | None, accepts: str) -> Language:
    """Return the language that was asked for or, by ``Accept-Language``, is read best."""
    if asked in ("id", "en"):
        return "id" if asked == "id" else "en"
    best: tuple[float, Language] = (0.0, "id")
    for each in accepts[:500].split(","):
        tag, _, quality = each.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        known: dict[str, Language] = {"id": "id", "in": "id", "ms": "id", "en": "en"}
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        if primary in known and weight > best[0]:
            best = (weight, known[primary])
    return best[1]
