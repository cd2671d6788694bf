"""Results of runs that take long, kept in a file as they come, so that a measurement can be stopped and go on."""

import json

from .programs import Failure, say


class KeptRuns:
    """Results by what decides them; in the JSON file `path`, or in memory alone without one."""

    def __init__(self, path=None):
        self.path, self.runs = path, {}
        if path is None or not path.exists():
            return
        try:
            self.runs = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            self.runs = None
        if not isinstance(self.runs, dict) or not all(isinstance(run, dict) for run in self.runs.values()):
            raise Failure(f"{path}: holds no finished runs; name another file")

    def result(self, key, measure):
        """What is kept as `key`, which names everything that decides it; else what `measure` returns, and that is kept."""
        if key not in self.runs:
            say(key)
            self.runs[key] = measure()
            self._write()
        return self.runs[key]

    def _write(self):
        if self.path is None:
            return
        # Never half a file: it holds hours of work.
        temporary = self.path.with_name(f".{self.path.name}.part")
        temporary.write_text(json.dumps(self.runs, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self.path)
