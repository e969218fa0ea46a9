"""What a disk holds after a power cut, told from the system calls of a program.

    powercut.py order TRACE BEFORE ROOT        complains about steps that were taken before the last one was on disk
    powercut.py states TRACE BEFORE ROOT OUT   writes the folder as a power cut would leave it, for each cut, into OUT

TRACE is what `strace -f -y -xx` wrote, BEFORE a copy of ROOT from before the program ran. Two disks are modelled. One
keeps only what was flushed: a file's bytes since its fsync or fdatasync, a folder's names since its own fsync. The
other, as journals often do, keeps every change of a name at once but bytes only when they were flushed.
"""

import hashlib
import os
import pathlib
import re
import shutil
import sys

PATH = rb'(?:AT_FDCWD|\d+)<([^>]*)>'
TEXT = rb'"([^"]*)"(?:\.\.\.)?'
CALLS = {
    "openat": re.compile(rb"openat\(" + PATH + rb", " + TEXT + rb", ([A-Z_|]+)"),
    "open": re.compile(rb"open\(" + TEXT + rb", ([A-Z_|]+)"),
    "write": re.compile(rb"write\(\d+<([^>]*)>, " + TEXT),
    "pwrite64": re.compile(rb"pwrite64\(\d+<([^>]*)>, " + TEXT + rb", \d+, (\d+)"),
    "ftruncate": re.compile(rb"ftruncate\(\d+<([^>]*)>, (\d+)"),
    "fallocate": re.compile(rb"fallocate\(\d+<([^>]*)>, 0, (\d+), (\d+)"),
    "fsync": re.compile(rb"fsync\(\d+<([^>]*)>"),
    "fdatasync": re.compile(rb"fdatasync\(\d+<([^>]*)>"),
    "renameat2": re.compile(rb"renameat2?\(" + PATH + rb", " + TEXT + rb", " + PATH + rb", " + TEXT),
    "linkat": re.compile(rb"linkat\(" + PATH + rb", " + TEXT + rb", " + PATH + rb", " + TEXT),
    "mkdirat": re.compile(rb"mkdirat\(" + PATH + rb", " + TEXT),
    "unlinkat": re.compile(rb"unlinkat\(" + PATH + rb", " + TEXT),
    "unlink": re.compile(rb"unlink\(" + TEXT),
    "mknod": re.compile(rb"mknod\(" + TEXT),
}
CALLS["renameat"] = CALLS["renameat2"]
# Whatever else would change a file must not pass unseen.
UNKNOWN = ("rename", "mkdir", "rmdir", "link", "writev", "pwritev", "truncate", "mknodat", "symlink", "copy_file_range")


def plain(text):
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), text)


def calls(trace):
    """The calls that succeeded, as (name, line), each where it ended."""
    begun = {}
    for line in trace.read_bytes().splitlines():
        process, _, rest = line.partition(b" ")
        rest = rest.strip()
        if rest.endswith(b"<unfinished ...>"):
            begun[process] = rest[: -len(b"<unfinished ...>")]
            continue
        resumed = re.match(rb"<\.\.\. \w+ resumed>", rest)
        if resumed:
            rest = begun.pop(process, b"") + rest[resumed.end():]
        name = re.match(rb"(\w+)\(", rest)
        result = re.search(rb"\) += (-?\d+)", rest)
        if name and result and int(result[1]) >= 0:
            yield name[1].decode(), rest


class File:
    def __init__(self, content=b""):
        self.now = bytearray(content)
        self.flushed = bytes(content)


class Folder:
    def __init__(self):
        self.now = {}
        self.flushed = {}


class Disk:
    def __init__(self, before, root):
        self.root_path = root
        self.root = self.load(before)

    def load(self, path):
        folder = Folder()
        for entry in os.scandir(path):
            inner = self.load(entry.path) if entry.is_dir() else File(pathlib.Path(entry.path).read_bytes())
            folder.now[os.fsencode(entry.name)] = inner
        folder.flushed = dict(folder.now)
        return folder

    def names(self, path):
        """The path's names below the root; None when it lies elsewhere."""
        path = os.path.normpath(path)
        if path == self.root_path:
            return []
        start = self.root_path + b"/"
        return path[len(start):].split(b"/") if path.startswith(start) else None

    def find(self, path):
        names = self.names(path)
        node = self.root if names is not None else None
        for name in names or []:
            node = node.now.get(name) if isinstance(node, Folder) else None
        return node

    def above(self, path):
        names = self.names(path)
        return (self.find(os.path.dirname(os.path.normpath(path))), names[-1]) if names else (None, None)

    def make(self, path, node):
        folder, name = self.above(path)
        if folder is not None:
            folder.now.setdefault(name, node)

    def remove(self, path):
        folder, name = self.above(path)
        if folder is not None:
            folder.now.pop(name, None)

    def rename(self, old, new):
        source, name = self.above(old)
        target, new_name = self.above(new)
        if source is not None and target is not None:
            target.now[new_name] = source.now.pop(name)

    def write(self, path, data, offset=None):
        node = self.find(path)
        if isinstance(node, File):
            start = len(node.now) if offset is None else offset
            if len(node.now) < start:
                node.now.extend(bytes(start - len(node.now)))
            node.now[start:start + len(data)] = data

    def resize(self, path, length, only_grow=False):
        node = self.find(path)
        if isinstance(node, File):
            if len(node.now) < length:
                node.now.extend(bytes(length - len(node.now)))
            elif not only_grow:
                del node.now[length:]

    def flush(self, path):
        node = self.find(path)
        if isinstance(node, File):
            node.flushed = bytes(node.now)
        elif isinstance(node, Folder):
            node.flushed = dict(node.now)

    def open(self, path, flags):
        if b"O_CREAT" in flags:
            self.make(path, File())
        if b"O_TRUNC" in flags:
            self.resize(path, 0)

    def take(self, name, line):
        """Carries a call out; returns the paths that it is about, or None for one of no interest."""
        found = CALLS[name].search(line) if name in CALLS else None
        if not found:
            assert name not in UNKNOWN or self.root_path not in plain(line), line[:300]
            return None
        parts = [plain(part) for part in found.groups()]
        if name == "openat":
            self.open(os.path.join(parts[0], parts[1]), parts[2])
        elif name == "open":
            self.open(parts[0], parts[1])
        elif name == "write":
            self.write(parts[0], parts[1])
        elif name == "pwrite64":
            self.write(parts[0], parts[1], int(parts[2]))
        elif name == "ftruncate":
            self.resize(parts[0], int(parts[1]))
        elif name == "fallocate":
            self.resize(parts[0], int(parts[1]) + int(parts[2]), only_grow=True)
        elif name in ("fsync", "fdatasync"):
            self.flush(parts[0])
        elif name in ("renameat", "renameat2"):
            old, new = os.path.join(parts[0], parts[1]), os.path.join(parts[2], parts[3])
            self.rename(old, new)
            return [old, new]
        elif name == "linkat":
            self.make(os.path.join(parts[2], parts[3]), self.find(os.path.join(parts[0], parts[1])))
        elif name == "mkdirat":
            self.make(os.path.join(parts[0], parts[1]), Folder())
        elif name == "unlinkat":
            self.remove(os.path.join(parts[0], parts[1]))
        elif name == "unlink":
            self.remove(parts[0])
        elif name == "mknod":
            self.make(parts[0], File())
        return [parts[0]]

    def is_flushed(self, path):
        node = self.find(path)
        return node is None or node.flushed == (bytes(node.now) if isinstance(node, File) else node.now)

    # After the cut

    def digest(self, node, strict):
        if isinstance(node, File):
            return hashlib.sha256(node.flushed).digest()
        names = node.flushed if strict else node.now
        return hashlib.sha256(b"".join(name + self.digest(names[name], strict) for name in sorted(names))).digest()

    def lay_out(self, node, path, strict, laid):
        # A file whose move is on disk in one folder only has both names.
        if isinstance(node, File) and node in laid:
            os.link(laid[node], path)
            return
        laid[node] = path
        if isinstance(node, File):
            pathlib.Path(os.fsdecode(path)).write_bytes(node.flushed)
            return
        os.mkdir(path)
        names = node.flushed if strict else node.now
        for name, inner in names.items():
            if not name.endswith(b"-shm"):  # SQLite makes it anew
                self.lay_out(inner, os.path.join(path, name), strict, laid)


def order(trace, disk):
    """Walks through the calls and complains; prints what it saw at the end."""
    seen = {"manifest": 0, "archive": 0, "claim": 0}
    wal = os.path.join(disk.root_path, b"store.sqlite-wal")
    archived_into = None
    # What the claims at hand have to have on disk before the store hears of them.
    claimed = []
    # Folders of earlier claims, by their new names.
    reused = set()
    complaints = []

    def need(condition, text):
        if not condition:
            complaints.append(text)

    for name, line in calls(trace):
        if name in ("renameat", "renameat2"):
            old, new = [os.path.join(*map(plain, CALLS[name].search(line).groups()[i:i + 2])) for i in (0, 2)]
            if b"/results/" in new and new.endswith(b".result.json"):
                need(disk.is_flushed(wal), f"the commit was not on disk before {new}")
                need(disk.is_flushed(old), f"the bytes were not on disk before {new}")
                seen["manifest"] += 1
            if b"/archive/" in new:
                ingest = new.rsplit(b"/", 1)[1][:36]
                results = disk.find(os.path.join(os.path.dirname(os.path.dirname(new)), b"results"))
                names = results.flushed if results else {}
                need(any(ingest in entry for entry in names), f"the manifest was not on disk before {new}")
                need(disk.is_flushed(wal), f"the commit was not on disk before {new}")
                archived_into = (os.path.dirname(old), os.path.dirname(new))
                claimed = []
                seen["archive"] += 1
            if b"/.processing/" in new and b"/.processing/" in old:
                reused.add(new)
            elif b"/.processing/" in new:
                folder = os.path.dirname(os.path.dirname(new))
                if folder in reused:
                    named = disk.is_flushed(folder) and disk.is_flushed(os.path.dirname(folder))
                    need(named, f"the folder had another claim's name on disk when {new} came")
                seen["claim"] += 1
                claimed = [new, os.path.dirname(new), os.path.dirname(os.path.dirname(new)), os.path.dirname(old)]
        if name == "pwrite64" and claimed and wal in plain(line):
            need(all(disk.is_flushed(path) for path in claimed), f"the claim was not on disk before the store heard of {claimed[0]}")
            claimed = []
        if name == "pwrite64" and archived_into and wal in plain(line):
            need(all(disk.is_flushed(path) for path in archived_into), "the ledger was done before both folders were on disk")
            archived_into = None
        if name == "fsync" and archived_into and plain(CALLS[name].search(line)[1]) == archived_into[0]:
            need(disk.is_flushed(archived_into[1]), "the claim's folder was on disk before the archive")
        disk.take(name, line)
    for complaint in complaints:
        print(complaint)
    print(" ".join(f"{name}={count}" for name, count in seen.items()))
    return 1 if complaints else 0


def states(trace, disk, out):
    known = set()

    def cut(label):
        for strict in (True, False):
            digest = disk.digest(disk.root, strict)
            if digest in known:
                continue
            known.add(digest)
            kind = "flushed" if strict else "names"
            disk.lay_out(disk.root, os.fsencode(out / f"{len(known):04}-{kind}-{label}"), strict, {})

    out.mkdir()
    cut("start")
    for name, line in calls(trace):
        paths = disk.take(name, line)
        about = [path for path in paths or [] if disk.names(path) is not None]
        if about and name not in ("write", "pwrite64"):
            cut(f"{name}-{os.path.basename(os.fsdecode(about[-1]))[-40:]}")
    print(len(known))
    return 0


def main(verb, trace, before, root, out=None):
    sys.setrecursionlimit(10_000)
    disk = Disk(before, os.fsencode(os.path.realpath(root)))
    if verb == "order":
        return order(pathlib.Path(trace), disk)
    shutil.rmtree(out, ignore_errors=True)
    return states(pathlib.Path(trace), disk, pathlib.Path(out))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
