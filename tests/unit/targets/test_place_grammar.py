from itops.targets.place_grammar import keys_of, tokens_of


def test_words_lose_the_marks_around_them_and_know_where_a_sentence_ends():
    tokens = tokens_of('On "web-1", web-2\'s disk. Then')
    assert [token.text for token in tokens] == ["on", "web-1", ",", "web-2", "disk", "then"]
    assert [token.text for token in tokens if token.ends] == ["disk"]


def test_a_name_is_found_in_whatever_way_it_is_written():
    assert keys_of("web-servers")[1] == keys_of("WebServer")[1] == keys_of("web")[0] == "web"
