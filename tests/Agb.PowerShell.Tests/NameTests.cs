namespace Agb.PowerShell.Tests;

/// <summary>Names, and patterns of names.</summary>
public sealed class NameTests : CmdletTest
{
    public NameTests(ModuleRunspace module)
        : base(module)
    {
        UseConnection();
        Run("$null = 'build[1]', 'build1', 'Web', 'web2' | New-AgbContext");
    }

    [Theory]
    [InlineData("build[1]", "build[1]")]
    [InlineData("build`[1`]", "build[1]")]
    [InlineData("build[12]", "build1")]
    [InlineData("build*", "build1", "build[1]")]
    [InlineData("web", "Web")]
    [InlineData("WEB2", "web2")]
    [InlineData("we*", "Web", "web2")]
    public void A_name_goes_before_a_pattern(string name, params string[] expected) => Texts($"(Get-AgbContext '{name}').Name").ShouldBe(expected);

    [Fact]
    public void A_name_that_is_missing_is_an_error_and_a_broken_pattern_finds_nothing()
    {
        ErrorIdOf("Get-AgbContext nope").ShouldBe(AgbErrorIds.ContextNotFound);
        Run("Get-AgbContext 'build[' -ErrorAction Stop").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_with_another_meaning_is_refused(string name) => ErrorIdOf($"New-AgbContext {name}").ShouldBe(AgbErrorIds.InvalidContextName);
}
