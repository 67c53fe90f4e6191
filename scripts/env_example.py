"""Writes .env.example: every setting with its sentence and default, taken from vibevariant/settings.py."""

import textwrap
from pathlib import Path

from vibevariant.settings import Settings, default_text, variables_of

HEAD = """\
# Every setting of VibeVariant, with its default. A flag of `vibevariant serve` wins over these, and these win
# over config.toml in the data directory, where each is called as its flag (port = 8000). Lines to change:
# take the # away. PORT, DATABASE_URL, LOG_LEVEL and ENV count as well when the longer name is not set.
"""


def env_example() -> str:
    """The text of the file."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        sentence = textwrap.fill(field.description or "", 108, initial_indent="# ", subsequent_indent="# ")
        # The home directory of whoever runs this is nobody else's.
        default = "~/.local/share/vibevariant" if name == "data_dir" else default_text(field)
        parts.append(f"{sentence}\n#{variables_of(name)[0]}={default}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    path = Path(__file__).parent.parent / ".env.example"
    path.write_text(env_example(), encoding="utf-8")
    print(f"wrote {path.name}")
