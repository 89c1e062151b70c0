from itops.instructions.importers.template import apart, free_name


def test_a_sentence_becomes_part_of_another():
    assert apart("The template is no\n bash script.") == "the template is no bash script"
    assert apart("") == ""


def test_a_variable_is_one_that_the_script_does_not_use():
    assert free_name("host-name", "echo hi") == "host_name"
    assert free_name("host", "HOST=1; echo $host_value") == "host_value_value"
