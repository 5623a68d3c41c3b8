"""Texts that want to be more than text."""

from __future__ import annotations

HOSTILE = [
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0": *',
    '#include "/etc/passwd"',
    '"), image("/etc/passwd"), text("',
    "$x^2 + \\sum$ $ unclosed",
    "*bold* _em_ `raw` ```block``` = Heading",
    "<label> @reference <script>alert(1)</script> &amp; ]]>",
    "{{ case.title }} {% include 'x' %} ${HOME} %s {0} {words} {house.__class__}",
    "\\ \\\\ \\u{41} \\n \\t",
    "// no comment /* nor here */",
    "[link](https://x.id/y) https://x.id/y",
    "=cmd|' /C calc'!A0",
    "BEGIN:VEVENT END:VCALENDAR ATTENDEE:mailto:a@b",
    "نص عربي",
    "“kutip” «kutip» — …",
]
"""Each of these stands in a letter just as it is."""

UNSEEN = {
    "a\u202eb\u2066c\u200fd": "abcd",
    "a\x00b\x07c\x1bd\x7f": "abcd",
    "a\ufeffb\u200bc\u00add\uffff\ud800": "abcd",
}
"""What cannot be seen is not in a letter either."""
