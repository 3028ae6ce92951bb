using System.Xml.Linq;

namespace Agb.PowerShell.Help.Tests;

/// <summary>The compiler takes what help pages are meant to have and names the line of anything else.</summary>
public class CommandPageTests
{
    private const string Good = """
        # Get-Thing

        ## Synopsis

        Gets **things**, `really`.

        ## Description

        One paragraph that
        goes on.

        - an item

        ## Parameters

        ### -Name

        The name.

        ```yaml
        Type: string[]
        Aliases: Id
        Sets: One, Two
        Required: no
        Position: 0
        Default: None
        Pipeline: ByValue
        Wildcards: yes
        ```

        ### -Force

        Do it.

        ```yaml
        Type: SwitchParameter
        Sets: Two
        Required: no
        Position: named
        Default: False
        Wildcards: no
        ```

        ## Inputs

        ### String

        A name.

        ## Outputs

        ### None

        Nothing.

        ## Examples

        ### First

        <!-- setup: $a = 1 -->

        ```powershell
        Get-Thing `
            a
        ```

        Remark.

        ### Second

        ```powershell
        Get-Thing b
        ```

        ### Third

        ```powershell
        Get-Thing c
        ```

        ## Related links

        - [Get-Thing](Get-Thing.md)
        """;

    [Fact]
    public void A_page_becomes_help()
    {
        var help = Read(Good);

        help.Synopsis.ShouldBe("Gets things, really.");
        help.Description.ShouldBe(["One paragraph that goes on.", "- an item"]);
        help.Parameters[0].ShouldSatisfyAllConditions(
            p => p.Name.ShouldBe("Name"), p => p.Position.ShouldBe(0), p => p.Pipeline.ShouldBe(["ByValue"]),
            p => p.Sets.ShouldBe(["One", "Two"]), p => p.Wildcards.ShouldBeTrue());
        help.Examples[0].Code.ShouldBe(["Get-Thing `", "    a"]);
        help.Examples[0].Remarks.ShouldBe(["Remark."]);
        help.Links.ShouldBe(["Get-Thing"]);
    }

    [Fact]
    public void The_xml_has_a_syntax_for_each_set()
    {
        var file = Path.GetTempFileName();
        try
        {
            MamlWriter.Write(file, [Read(Good)]);
            XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
            var syntax = XDocument.Load(file).Descendants(command + "syntaxItem").ToArray();
            syntax.Select(s => s.Elements(command + "parameter").Count()).ShouldBe([1, 2]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("## Description", "## Descriptions", "unknown")]
    [InlineData("## Description\n\nOne paragraph that\ngoes on.\n\n- an item\n", "", "'Description' is missing")]
    [InlineData("## Inputs\n\n### String\n\nA name.\n", "## Synopsis\n\nAgain.\n", "there twice")]
    [InlineData("# Get-Thing", "# Get-Things", "title")]
    [InlineData("Required: no\nPosition: 0", "Position: 0", "'Required' is missing")]
    [InlineData("Position: 0", "Position: first", "number")]
    [InlineData("Position: 0", "Colour: red", "not one fact")]
    [InlineData("Wildcards: yes", "Wildcards: perhaps", "yes or no")]
    [InlineData("### -Force\n\nDo it.\n", "### -Force\n", "not explained")]
    [InlineData("### Third\n\n```powershell\nGet-Thing c\n```\n", "", "2 examples")]
    [InlineData("Get-Thing b\n```", "Get-Thing b\n```\n\n```powershell\nGet-Thing d\n```", "exactly one block")]
    [InlineData("setup: $a = 1", "note: $a = 1", "begins with setup: or expect:")]
    [InlineData("A name.", "> A name.", "only")]
    [InlineData("### String", "#### String", "one level")]
    [InlineData("- [Get-Thing](Get-Thing.md)", "- Get-Thing", "link in each item")]
    public void A_fault_is_named(string part, string replacement, string fault)
    {
        Good.ShouldContain(part);
        var exception = Should.Throw<HelpException>(() => Read(Good.Replace(part, replacement, StringComparison.Ordinal)));
        exception.Message.ShouldContain(fault);
        exception.Message.ShouldMatch(@"^Get-Thing\.md\(\d+\): ");
    }

    private static CommandHelp Read(string page) => CommandPage.Read(MarkdownReader.Read("Get-Thing.md", page.Split('\n')));
}
