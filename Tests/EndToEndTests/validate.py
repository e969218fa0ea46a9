"""Checks every manifest under a spool against the published schema, and that its counts add up."""

import json
import pathlib
import sys

import jsonschema


def sums(manifest):
    """What does not add up, as sentences."""
    rows, contacts, batches = manifest["rows"], manifest["contacts"], manifest["batches"]
    stored = sum(contacts.values())
    if rows["read"] != rows["valid"] + rows["rejected"]:
        yield f"read is not valid + rejected: {rows}"
    # An undo reads no rows.
    took_in = manifest["status"] == "accepted" and not manifest.get("undo_of")
    if took_in and rows["valid"] != stored:
        yield f"valid is {rows['valid']}, but the contacts are {contacts}"
    if took_in and not manifest["dry_run"]:
        for name in ("inserted", "updated", "unchanged"):
            if sum(batch[name] for batch in batches) != contacts[name]:
                yield f"the batches do not add up to {name}: {contacts[name]}"
    if sum(manifest["rejections"]["by_code"].values()) != manifest["rejections"]["total"]:
        yield f"by_code does not add up: {manifest['rejections']}"
    for name in ("invalid_numbers", "rejections", "warnings"):
        if len(manifest[name]["first"]) > manifest[name]["total"]:
            yield f"{name} lists more than it counts"


def main(schema_path, spool):
    schema = json.loads(pathlib.Path(schema_path).read_text())
    validator = jsonschema.Draft202012Validator(schema)
    complaints = 0
    for path in sorted(pathlib.Path(spool).glob("*/results/*.result.json")):
        manifest = json.loads(path.read_text())
        found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(manifest)]
        found += [] if found else list(sums(manifest))
        for complaint in found:
            print(f"{path.name}: {complaint}")
        complaints += len(found)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
