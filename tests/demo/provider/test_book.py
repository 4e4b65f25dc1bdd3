"""Which directives hold: rules, headers, prompts, and for how long."""

import httpx2
import openai as sdk
import pytest


def chat(client, text, **more):
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}], **more)


def said(reply):
    return reply.choices[0].message.content


def test_a_header_holds_for_one_request(openai):
    assert said(chat(openai, "Hi", extra_headers={"x-provider-script": "say=header"})) == "header"


def test_the_prompt_has_the_last_word(openai, provider):
    provider.script("say=rule chunks=2")
    assert said(chat(openai, "Hi")) == "rule"
    headers = {"x-provider-script": "[[say=header]]"}
    assert said(chat(openai, "Hi", extra_headers=headers)) == "header"
    assert said(chat(openai, "[[say=prompt]]", extra_headers=headers)) == "prompt"


def test_a_rule_for_some_requests(openai, provider):
    provider.script("say=it", endpoint="chat", model="gpt-4o", key="sk-openai", contains="magic")
    assert said(chat(openai, "the magic word")) == "it"
    assert said(chat(openai, "another word")) != "it"
    provider.script("say=mini", model="gpt-4o-mini")
    assert said(chat(openai, "another word")) != "mini"


def test_a_rule_for_so_many_requests(openai, provider):
    provider.script("[[say=twice]]", uses=2)
    assert [said(chat(openai, "Hi")) == "twice" for _ in range(3)] == [True, True, False]


def test_a_rule_taken_away(openai, provider):
    rule = provider.script("say=it")
    provider.unscript(rule)
    assert said(chat(openai, "Hi")) != "it"


def test_a_bad_rule_is_refused_where_it_is_set(provider):
    with pytest.raises(ValueError, match="no such word"):
        provider.script("sya=it")


def test_first_counts_requests_whatever_their_retry_header(openai, provider):
    one_shot = openai.with_options(max_retries=0)
    for _ in range(2):
        with pytest.raises(sdk.InternalServerError):
            chat(one_shot, "[[status=500 first=2]]")
    chat(one_shot, "[[status=500 first=2]]")
    with pytest.raises(sdk.InternalServerError):
        chat(one_shot, "[[status=500 first=2]] another body")
    assert provider.bill.total().failed == {"500": 3}


def test_times_holds_for_every_call_alike(openai, provider):
    for _ in range(3):
        chat(openai, "[[status=500 times=1 retry_after_ms=1]]")
    assert provider.bill.total().failed == {"500": 3}
    assert provider.bill.total().answered == 3


def test_times_for_a_client_without_the_header(provider):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "[[status=500 times=2]]"}]}
    with httpx2.Client(headers={"authorization": "Bearer sk-plain"}) as client:
        url = f"{provider.openai_url}/chat/completions"
        statuses = [client.post(url, json=body).status_code for _ in range(6)]
    assert statuses == [500, 500, 200, 500, 500, 200]


def test_only_the_last_words_of_the_user_count(openai):
    messages = [
        {"role": "user", "content": "[[say=old]]"},
        {"role": "assistant", "content": "old"},
        {"role": "user", "content": [{"type": "text", "text": "[[say=new]]"}]},
        {"role": "assistant", "content": "[[say=mine]]"},
    ]
    assert said(openai.chat.completions.create(model="gpt-4o", messages=messages)) == "new"
