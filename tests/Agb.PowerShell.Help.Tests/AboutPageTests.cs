namespace Agb.PowerShell.Help.Tests;

/// <summary>About topics become text for a terminal.</summary>
public class AboutPageTests
{
    private const string Good = """
        # about_Things

        ## Short description

        All about `things`.

        ## Long description

        Read [more](about_More.md) at [home](https://example.org).

        ### Words

        | id | cause | remedy |
        |---|---|---|
        | A | a cause | a remedy |
        | B | b cause | b remedy |

        ```powershell
        Get-Thing
        ```

        - an item

        ## See also

        - [about_More](about_More.md)
        """;

    [Fact]
    public void A_page_becomes_text() => AboutWriter.Write(Read(Good)).ReplaceLineEndings("\n").ShouldBe("""
        TOPIC
            about_Things

        SHORT DESCRIPTION
            All about things.

        LONG DESCRIPTION
            Read more at home (https://example.org).

          Words
            A
                Cause: a cause
                Remedy: a remedy

            B
                Cause: b cause
                Remedy: b remedy

              Get-Thing

            - an item

        SEE ALSO
            about_More

        """);

    [Fact]
    public void Long_lines_are_wrapped() =>
        AboutWriter.Write(Read(Good.Replace("All about", string.Join(' ', Enumerable.Repeat("word", 60)), StringComparison.Ordinal)))
            .Split('\n').ShouldAllBe(line => line.TrimEnd().Length < 80);

    [Theory]
    [InlineData("## See also", "## Related links", "unknown")]
    [InlineData("| B | b cause | b remedy |", "| B | b cause |", "as many cells")]
    [InlineData("```\n\n- an item", "\n\n- an item", "not closed")]
    public void A_fault_is_named(string part, string replacement, string fault) =>
        Should.Throw<HelpException>(() => Read(Good.Replace(part, replacement, StringComparison.Ordinal))).Message.ShouldContain(fault);

    [Fact]
    public void A_link_that_leads_nowhere_is_named() =>
        Should.Throw<HelpException>(() => LinkCheck.Require(MarkdownReader.Read("about_Things.md", Good.Split('\n'))))
            .Message.ShouldContain("about_More.md");

    private static AboutHelp Read(string page) => AboutPage.Read(MarkdownReader.Read("about_Things.md", page.Split('\n')));
}
