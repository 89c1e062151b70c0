import pytest

from itops.instructions.importers.powershell_templating import fit_powershell
from itops.instructions.importers.template import Inexpressible


def test_a_script_without_values_is_as_it_was():
    assert fit_powershell('iex "Get-Date"').text == 'iex "Get-Date"'


def test_one_variable_serves_every_place():
    assert fit_powershell('Write-Output "1 {{ a }}"; Write-Output "2 {{ a }}"').text == (
        '$a = {{ a }}\nWrite-Output "1 ${a}"; Write-Output "2 ${a}"'
    )


def test_quotes_inside_quotes_do_not_confuse_it():
    assert fit_powershell("Write-Output \"it's\" '{{ a }}'").text == 'Write-Output "it\'s" {{ a }}'


@pytest.mark.parametrize(
    "runner", ["iex", "Start-Process x", "powershell -c x", "[scriptblock]::Create($x)", "cmd /c x"]
)
def test_a_script_that_runs_texts_takes_no_values(runner):
    with pytest.raises(Inexpressible, match="as code"):
        fit_powershell(f"$x = '{{{{ a }}}}'\n{runner}")
