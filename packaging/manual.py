#!/usr/bin/python3
"""Writes the manual pages from what the program says about itself.

usage: rollcall --experimental-dump-help | manual.py FOLDER VERSION DATE

One page a command: rollcall.1, rollcall-run.1, rollcall-campaign-create.1. A discussion's headings are its lines in
capitals; lines that are indented stand as they are.
"""

import json
import pathlib
import sys


def escaped(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def section(title: str, body: list[str]) -> list[str]:
    return [f'.SH "{title}"', *body] if body else []


def discussion(text: str) -> list[str]:
    """Paragraphs, headings and examples of a command's discussion."""
    out: list[str] = [".SH DESCRIPTION"]
    literal = False
    for line in text.split("\n"):
        indented = line.startswith("  ")
        if indented != literal:
            out.append(".nf" if indented else ".fi")
            literal = indented
        if line and line == line.upper() and line[0].isalpha():
            out.append(f'.SH "{line}"')
        else:
            out.append(escaped(line) if line else ".PP")
    return out + [".fi"] * literal


def names(argument: dict) -> str:
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    flags = ", ".join("\\fB" + escaped(dashes[name["kind"]] + name["name"]) + "\\fR" for name in argument.get("names") or [])
    value = "\\fI" + escaped(argument.get("valueName", "value").upper()) + "\\fR"
    if argument["kind"] == "positional":
        return value + ("..." if argument["isRepeating"] else "")
    return flags if argument["kind"] == "flag" else f"{flags} {value}"


def described(argument: dict) -> list[str]:
    parts = [argument.get("abstract", ""), argument.get("discussion", "")]
    if argument.get("defaultValue"):
        parts.append(f"Default: {argument['defaultValue']}.")
    return [".TP", names(argument), escaped(" ".join(part for part in parts if part) or "See above.")]


def synopsis(command: dict, path: list[str]) -> list[str]:
    words = ["\\fB" + escaped(" ".join(path)) + "\\fR"]
    if command.get("subcommands"):
        words.append("\\fICOMMAND\\fR")
    for argument in visible(command):
        text = names(argument)
        words.append(f"[{text}]" if argument["isOptional"] else text)
    return [" ".join(words)]


def visible(command: dict) -> list[dict]:
    return [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]


def commands(command: dict) -> list[dict]:
    return [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help" and sub.get("shouldDisplay", True)]


def page(command: dict, path: list[str], version: str, date: str) -> str:
    name = "-".join(path)
    abstract = command.get("abstract", "").rstrip(".")
    lines = [f'.TH "{escaped(name.upper())}" 1 "{date}" "rollcall {version}" "User Commands"']
    lines += section("NAME", [f"{escaped(name)} \\- {escaped(abstract[:1].lower() + abstract[1:])}"])
    lines += section("SYNOPSIS", synopsis(command, path))
    lines += discussion(command["discussion"]) if command.get("discussion") else []
    lines += section("COMMANDS", [
        line for sub in commands(command)
        for line in (".TP", f"\\fB{escaped(' '.join(path + [sub['commandName']]))}\\fR", escaped(sub.get("abstract", "")))
    ])
    lines += section("OPTIONS", [line for argument in visible(command) for line in described(argument)])
    others = [f"{escaped('-'.join(path + [sub['commandName']]))}(1)" for sub in commands(command)]
    above = [f"{escaped('-'.join(path[:-1]))}(1)"] if len(path) > 1 else ["rollcall\\-dropbox(8)"]
    lines += section("SEE ALSO", [", ".join(above + others)])
    return "\n".join(lines) + "\n"


def write(command: dict, path: list[str], folder: pathlib.Path, version: str, date: str) -> None:
    (folder / ("-".join(path) + ".1")).write_text(page(command, path, version, date), encoding="utf-8")
    for sub in commands(command):
        write(sub, path + [sub["commandName"]], folder, version, date)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    write(json.load(sys.stdin)["command"], ["rollcall"], pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
