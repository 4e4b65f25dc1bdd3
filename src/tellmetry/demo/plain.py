"""Sort a morning's mail with two providers. Nothing in here knows tellmetry: TELLMETRY=local python plain.py."""

from __future__ import annotations

from anthropic import Anthropic
from openai import OpenAI

MAILS = (
    "Where is my order 4711? You said Tuesday.",
    "Do you have the Atlas in green? I would take two.",
    "The brake on my bike squeaks since the last service.",
)


def main() -> None:
    """Name the kind of every mail, then answer the first one."""
    openai, anthropic = OpenAI(), Anthropic()
    for mail in MAILS:
        answer = openai.chat.completions.create(
            model="gpt-4o-mini",
            messages=[
                {"role": "system", "content": "Name the kind of this mail in one word: order, question or complaint."},
                {"role": "user", "content": mail},
            ],
        )
        print(f"{answer.choices[0].message.content}: {mail}")

    with anthropic.messages.stream(
        model="claude-haiku-4-5",
        max_tokens=200,
        system="You answer mails for Acme Cargo Bikes, in two sentences.",
        messages=[{"role": "user", "content": MAILS[0]}],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
