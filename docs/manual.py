#!/usr/bin/env python3
"""Writes the manual pages of unroll: unroll.1, and one for each subcommand, such as unroll-train.1.

    python3 docs/manual.py .build/release/unroll man1
    man -l man1/unroll-train.1

All that they say comes from the command's own help (`--experimental-dump-help`). ArgumentParser's plugin generate-manual
would do the same, but builds the whole package a second time, for debugging, and puts all subcommands on one page.
"""

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

FILES = [
    ("runs/<date>-<dataset>", "What a run leaves: model, checkpoint, metrics, configuration, accuracy by number of steps."),
    ("~/.cache/unroll", "The data sets, unless UNROLL_DATA or XDG_CACHE_HOME names another place."),
]
ENVIRONMENT = [
    ("UNROLL_DATA", "The folder that data sets are looked for in and fetched into."),
    ("UNROLL_MIRROR", "Where data sets are fetched from, instead of the public mirrors."),
    ("UNROLL_MAX_ISA", "The widest instruction set to use: baseline, avx2 or avx512."),
    ("COLUMNS", "How wide tables and charts are."),
    ("NO_COLOR", "If set, nothing is coloured."),
]
EXAMPLES = {
    "unroll": [
        ("Train on MNIST, and see what a part of each image is worth:", "unroll train"),
        ("Ask the network about a picture of your own:", "unroll predict runs/2026-01-02-mnist digit.png"),
    ],
    "unroll-train": [
        ("The same run again, with another seed:", "unroll train --config runs/2026-01-02-mnist/config.json --seed 2"),
        ("Go on with a run that was stopped:", "unroll train --resume runs/2026-01-02-mnist"),
    ],
}


def escaped(text):
    """Text as roff has it: backslashes, hyphens that can be copied, and no line that looks like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def names(argument):
    """How an argument is typed: "\\fB--epochs\\fR \\fIepochs\\fR"."""
    value = f"\\fI{escaped(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        return value + (" ..." if argument["isRepeating"] else "")
    typed = ", ".join(
        "\\fB" + escaped(("-" if name["kind"] == "short" else "--") + name["name"]) + "\\fR" for name in argument["names"]
    )
    return typed + (f" {value}" if argument["kind"] == "option" else "")


def section(argument):
    return argument.get("sectionTitle", "Arguments" if argument["kind"] == "positional" else "Options")


def described(argument):
    text, mark, default = argument.get("abstract", "").partition(" (default:")
    values = argument.get("allValues")
    if values:
        text += f" One of {', '.join(values)}."
    if not mark and argument.get("defaultValue"):
        mark, default = " (default:", f" {argument['defaultValue']})"
    return escaped(text + mark + default)


def synopsis(command, title):
    yield f'.SY "{escaped(title)}"'
    if command.get("subcommands"):
        yield "\\fIsubcommand\\fR"
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    if any(argument["kind"] != "positional" for argument in arguments):
        yield "[\\fIoptions\\fR]"
    for argument in arguments:
        if argument["kind"] == "positional":
            yield f"[{names(argument)}]" if argument["isOptional"] else names(argument)
    yield ".YS"


def page(command, title, version):
    name = title.replace(" ", "-")
    yield f'.TH {escaped(name.upper())} 1 "" "unroll {escaped(version)}" "Unroll"'
    # Words are not broken, so that what is copied from the page can be typed.
    yield from (".nr HY 0", ".nh", ".ad l", ".SH NAME")
    abstract = command["abstract"].rstrip(".")
    yield f"{escaped(name)} \\- {escaped(abstract[0].lower() + abstract[1:])}"
    yield ".SH SYNOPSIS"
    yield from synopsis(command, title)
    yield ".SH DESCRIPTION"
    for paragraph in (command.get("discussion") or command["abstract"]).split("\n\n"):
        yield ".PP"
        yield escaped(paragraph).replace("\n", "\n.br\n")
    subcommands = [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help"]
    if subcommands:
        yield ".SH SUBCOMMANDS"
        for sub in subcommands:
            yield ".TP"
            yield f".BR {escaped(name + '-' + sub['commandName'])} (1)"
            yield escaped(sub["abstract"])
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    headings = ["Arguments", "Options"] + [argument["sectionTitle"] for argument in arguments if "sectionTitle" in argument]
    for heading in dict.fromkeys(headings):
        chosen = [argument for argument in arguments if section(argument) == heading]
        if chosen:
            yield f".SH {heading.upper()}"
        # A flag and its opposite have one description.
        for description, same in itertools.groupby(chosen, described):
            yield ".TP"
            yield ", ".join(names(argument) for argument in same)
            yield description
    if name in EXAMPLES:
        yield ".SH EXAMPLES"
        for purpose, line in EXAMPLES[name]:
            yield from (".PP", escaped(purpose), ".PP", ".in +4n", ".EX", escaped(line), ".EE", ".in")
    if name == "unroll":
        for heading, entries in (("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)):
            yield f".SH {heading}"
            for entry, meaning in entries:
                yield from (".TP", f"\\fB{escaped(entry)}\\fR", escaped(meaning))
    else:
        yield ".SH SEE ALSO"
        yield f".BR {escaped(name.rpartition('-')[0])} (1)"


def pages(command, title, version):
    yield title.replace(" ", "-"), "\n".join(page(command, title, version)) + "\n"
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from pages(sub, f"{title} {sub['commandName']}", version)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, folder = sys.argv[1], Path(sys.argv[2])

    def said(*arguments):
        return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout

    folder.mkdir(parents=True, exist_ok=True)
    command = json.loads(said("--experimental-dump-help"))["command"]
    for name, text in pages(command, "unroll", said("--version").strip()):
        (folder / f"{name}.1").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
