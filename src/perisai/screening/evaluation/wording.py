"""The words of the evaluation, in English and in Indonesian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.policy import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.policy import Language
    from perisai.screening.evaluation.measuring import Evaluation, Measured

FEW_HARMLESS = 300
"""Below this, not one wrongly held file still leaves a false-positive rate above 1 % possible."""

WORDS = {
    "title": Text("Evaluation of screening", "Evaluasi pemeriksaan"),
    "made": Text("Made", "Dibuat"),
    "material": Text("Material", "Bahan"),
    "policy": Text("Policy", "Kebijakan"),
    "models": Text("Models", "Model"),
    "band": Text("Age band", "Kelompok usia"),
    "files": Text("Files", "Berkas"),
    "notices": Text("Read this first", "Baca ini dahulu"),
    "label": Text("Label", "Label"),
    "media": Text("Media type", "Jenis media"),
    "kind": Text("Kind", "Ragam"),
    "all_media": Text("all", "semua"),
    "recall": Text("Found", "Ditemukan"),
    "false": Text("Harmless, wrongly held", "Tidak berbahaya, keliru ditahan"),
    "precision": Text("Right among what is held", "Benar di antara yang ditahan"),
    "threshold": Text("Threshold", "Ambang"),
    "score": Text("Highest score of the file", "Skor tertinggi berkas"),
    "share": Text("Share of the files", "Bagian dari berkas"),
    "advice": Text(
        "Threshold for the recall you want", "Ambang untuk tingkat temuan yang diinginkan"
    ),
    "on_these": Text("on these files", "pada berkas ini"),
    "in_general": Text(
        "shown for files like these (95% confidence)",
        "terbukti untuk berkas serupa (keyakinan 95%)",
    ),
    "not_shown": Text("not shown: too few files", "belum terbukti: berkas terlalu sedikit"),
    "auc": Text("Area under ROC", "Luas di bawah ROC"),
    "average": Text("Average precision", "Presisi rata-rata"),
    "by_threshold": Text("What each threshold does", "Akibat setiap ambang"),
    "roc": Text("Found against wrongly held (ROC)", "Ditemukan terhadap keliru ditahan (ROC)"),
    "pr": Text("Precision against recall", "Presisi terhadap temuan"),
    "scores": Text("Where the scores lie", "Sebaran skor"),
    "verdicts": Text("What the policy makes of it", "Keputusan menurut kebijakan"),
    "held_by_band": Text(
        "Share held (anything but allow) for each age band",
        "Bagian yang ditahan (selain allow) untuk setiap kelompok usia",
    ),
    "confusion": Text("Verdicts for age band", "Keputusan untuk kelompok usia"),
    "by_media": Text("By media type", "Menurut jenis media"),
    "by_kind": Text("Harmless files by kind", "Berkas tidak berbahaya menurut ragam"),
    "held": Text("held", "ditahan"),
    "mistakes": Text("Files to look into", "Berkas yang perlu ditelusuri"),
    "missed": Text("Missed: harmful, but allowed", "Terlewat: berbahaya, tetapi diizinkan"),
    "wrong": Text("Wrongly held: harmless", "Keliru ditahan: tidak berbahaya"),
    "unscreened": Text("Could not be screened", "Tidak dapat diperiksa"),
    "none": Text("None.", "Tidak ada."),
    "file": Text("File", "Berkas"),
    "reason": Text("Reason", "Alasan"),
    "reading": Text("How to read this", "Cara membaca"),
    "review_from": Text("review from", "tinjau mulai"),
    "withhold_at": Text("withhold at", "tahan pada"),
    "harmless": Text("harmless", "tidak berbahaya"),
    "how_curves": Text(
        "Each file counts once, with its highest score over all frames that were looked at. A "
        "curve compares the files of one label with the harmless ones; files of other harmful "
        "labels stand in the tables of verdicts only. Dashed lines mark the numbers of the "
        "policy for this age band.",
        "Setiap berkas dihitung sekali, dengan skor tertinggi dari semua bingkai yang diperiksa. "
        "Kurva membandingkan berkas berlabel tertentu dengan berkas tidak berbahaya; label "
        "berbahaya lain hanya ada di tabel keputusan. Garis putus-putus menandai angka kebijakan "
        "untuk kelompok usia ini.",
    ),
    "how_intervals": Text(
        "Brackets hold the 95% Clopper-Pearson interval: where the true share may lie, if these "
        "files are a fair and independent sample of what children meet. Clips from one source "
        "are alike, so the truth is less certain than the brackets say.",
        "Dalam kurung: selang Clopper-Pearson 95%, yaitu letak bagian yang sebenarnya jika "
        "berkas ini sampel yang wajar dan saling bebas dari yang ditemui anak. Klip dari satu "
        "sumber serupa, maka kenyataannya lebih tidak pasti daripada isi kurung.",
    ),
    "how_precision": Text(
        "Precision depends on how many harmful files there are among these. Where pornography is "
        "rarer, more of what is held will be harmless.",
        "Presisi bergantung pada banyaknya berkas berbahaya di sini. Jika pornografi lebih "
        "jarang, lebih banyak yang ditahan ternyata tidak berbahaya.",
    ),
    "how_lists": Text(
        "Hash lists have no say here, and review counts as held.",
        "Daftar sidik tidak ikut menentukan di sini, dan review dihitung sebagai ditahan.",
    ),
}


def percent(rate: float, language: Language = "en") -> str:
    """A share as people write it; one more digit near 0 and 1, where it matters."""
    digits = 2 if 0 < min(rate, 1 - rate) < 0.01 else 1
    text = f"{100 * rate:.{digits}f}%"
    return text.replace(".", ",") if language == "id" else text


def notices(evaluation: Evaluation) -> list[Text]:
    """What a reader must know before believing any number, most important first."""
    return [*_left_out(evaluation), *_too_few(evaluation), *_not_measured(evaluation)]


def _left_out(evaluation: Evaluation) -> Iterator[Text]:
    if evaluation.sealed:
        refer = evaluation.policy.referral
        n = evaluation.sealed
        yield Text(
            f"On a child abuse list, and left out: {n}. {refer.en}",
            f"Tercatat dalam daftar materi kekerasan seksual terhadap anak, dikeluarkan: {n}. "
            f"{refer.id}",
        )
    if n := len(evaluation.samples) - len(evaluation.screened):
        yield Text(
            f"Could not be screened, so shown to nobody and in no curve: {n}.",
            f"Tidak dapat diperiksa, jadi tidak ditampilkan dan tidak masuk kurva: {n}.",
        )
    if n := len(evaluation.contradictions):
        shown = "; ".join(evaluation.contradictions[:3])
        yield Text(
            f"Contents with two labels, left out: {n}. {shown}",
            f"Isi dengan dua label, dikeluarkan: {n}. {shown}",
        )
    if n := evaluation.duplicates:
        yield Text(
            f"Copies to the byte of other files, not counted again: {n}.",
            f"Salinan persis berkas lain, tidak dihitung lagi: {n}.",
        )


def _too_few(evaluation: Evaluation) -> Iterator[Text]:
    for each in evaluation.measured:
        yield from _few_harmful(each)
    harmless = evaluation.counts["harmless"]
    if not harmless:
        yield Text(
            "There are no harmless files, so nothing can be said about wrongly held ones. Add a "
            "folder 'harmless' with what your users really look at.",
            "Tidak ada berkas tidak berbahaya, sehingga tingkat keliru ditahan tidak diketahui. "
            "Tambahkan folder 'harmless' berisi hal yang benar-benar dilihat pengguna.",
        )
    elif harmless < FEW_HARMLESS:
        yield Text(
            f"{harmless} harmless files are few: rates below about {percent(3.7 / harmless)} "
            "cannot be told from zero.",
            f"{harmless} berkas tidak berbahaya masih sedikit: tingkat di bawah sekitar "
            f"{percent(3.7 / harmless, 'id')} tidak dapat dibedakan dari nol.",
        )


def _few_harmful(each: Measured) -> Iterator[Text]:
    advice, label = each.advice, each.label
    if advice.shown:
        return
    n, low = advice.recall.total, advice.recall.low
    want = percent(advice.want)
    yield Text(
        f"{n} {label} files cannot show that {each.model} finds {want}: at the threshold advised, "
        f"the true share may be as low as {percent(low)}. It takes at least {advice.needed} "
        "files, even if not one is missed.",
        f"{n} berkas {label} tidak dapat membuktikan bahwa {each.model} menemukan "
        f"{percent(advice.want, 'id')}: pada ambang yang disarankan, bagian sebenarnya bisa "
        f"serendah {percent(low, 'id')}. Perlu sedikitnya {advice.needed} berkas, walau tidak "
        "satu pun terlewat.",
    )


def _not_measured(evaluation: Evaluation) -> Iterator[Text]:
    for label in evaluation.not_measured:
        n = evaluation.counts[label.value]
        yield Text(
            f"No loaded model can say '{label}': its {n} files have no curve, and stand in the "
            "tables of verdicts only.",
            f"Tidak ada model yang dapat menyatakan '{label}': {n} berkasnya tanpa kurva dan "
            "hanya ada di tabel keputusan.",
        )
    if not any(label != "harmless" for label in evaluation.counts):
        yield Text(
            "There are no harmful files: how much is found was not measured, only what is "
            "wrongly held.",
            "Tidak ada berkas berbahaya: banyaknya temuan tidak diukur, hanya yang keliru ditahan.",
        )
