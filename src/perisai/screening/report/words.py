"""The report's words, in English and Indonesian."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perisai.policy import Language

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Screening report", "Laporan pemeriksaan"),
    "for": ("for the age band", "untuk kelompok usia"),
    "files": ("files", "berkas"),
    "pictures": (
        "displayed pictures (a transparent frame counts twice: on a light and on a dark page)",
        "gambar yang ditampilkan (yang transparan dihitung dua kali: di halaman terang dan gelap)",
    ),
    "frames": ("displayed frames", "bingkai yang ditampilkan"),
    "one_frame": ("a still picture", "gambar diam"),
    "twice": ("each on a light and on a dark page", "masing-masing di halaman terang dan gelap"),
    "looked_at": ("looked at", "diperiksa langsung"),
    "residual": (
        "every other one differs from one of these by at most",
        "setiap gambar lain berbeda dari salah satunya paling banyak",
    ),
    "of_255": ("of 255 in every tile", "dari 255 di setiap petak"),
    "policy": ("Policy", "Kebijakan"),
    "made": ("made", "dibuat"),
    "every_band": ("What each age band gets", "Yang diterima setiap kelompok usia"),
    "found": ("What was found", "Yang ditemukan"),
    "label": ("label", "label"),
    "source": ("source", "sumber"),
    "in_files": ("in files", "pada berkas"),
    "nothing": ("Nothing was found.", "Tidak ada temuan."),
    "not_covered": (
        "Not covered: nothing that was loaded can find",
        "Tidak tercakup: tidak ada model atau daftar yang dapat menemukan",
    ),
    "silence": (
        "Silence about these is not safety.",
        "Tidak adanya temuan tentang ini bukan berarti aman.",
    ),
    "allow": ("Allowed", "Diizinkan"),
    "review": ("To be reviewed", "Perlu ditinjau"),
    "withhold": ("Withheld", "Ditahan"),
    "unscreenable": ("Could not be screened", "Tidak dapat diperiksa"),
    "block": ("Blocked", "Diblokir"),
    "note": ("note", "catatan"),
    "truncated": ("the file ends too early", "berkas terpotong"),
    "frame": ("frame", "bingkai"),
    "time": ("time", "waktu"),
    "score": ("score", "skor"),
    "by": ("by", "oleh"),
    "detail": ("detail", "rincian"),
    "more": ("more findings", "temuan lain"),
    "rule": ("rule", "aturan"),
    "timeline": (
        "Looks and matches along the time; higher is a higher score",
        "Pemeriksaan dan kecocokan sepanjang waktu; makin tinggi makin tinggi skornya",
    ),
    "stills": ("Stills: small, grey and blurred", "Gambar diam: kecil, abu-abu, dan dikaburkan"),
    "reveal": ("show frame", "tampilkan bingkai"),
    "whole_file": ("whole file", "seluruh berkas"),
    "legend_clean": ("looked at", "diperiksa"),
    "legend_model": ("a model's finding", "temuan model"),
    "legend_match": ("on a list", "ada di daftar"),
    "explicit": ("looks pornographic", "tampak pornografis"),
    "drawn_explicit": ("drawn pornography", "pornografi gambar atau animasi"),
    "nudity": ("nudity", "ketelanjangan"),
    "suggestive": ("suggestive", "bernada seksual"),
    "listed": ("on a list", "ada di daftar"),
    "abuse": ("on a child abuse list", "ada di daftar kekerasan seksual terhadap anak"),
    "hash": ("list", "daftar"),
    "model": ("model", "model"),
    "text": ("search word", "kata pencarian"),
    "human": ("person", "petugas"),
    "empty": ("There was no file to screen.", "Tidak ada berkas untuk diperiksa."),
}


def words(lang: Language) -> dict[str, str]:
    """Return all words in one language."""
    return {key: pair[lang == "id"] for key, pair in _WORDS.items()}
