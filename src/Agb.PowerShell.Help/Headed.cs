namespace Agb.PowerShell.Help;

/// <summary>Rules for the sections of both kinds of pages.</summary>
internal static class Headed
{
    /// <summary>Throws unless the headings below a section are the expected ones, in their order.</summary>
    internal static void Require(Section section, IReadOnlyList<string> expected, IReadOnlySet<string> optional)
    {
        var next = 0;
        foreach (var below in section.Sections)
        {
            var found = expected.ToList().IndexOf(below.Title);
            if (found < next)
            {
                throw below.Fault(found < 0
                    ? $"The heading '{below.Title}' is unknown; expected {string.Join(", ", expected)}."
                    : $"The heading '{below.Title}' is out of order or there twice; the order is {string.Join(", ", expected)}.");
            }
            RequireOptional(section, expected.Skip(next).Take(found - next), optional);
            next = found + 1;
        }
        RequireOptional(section, expected.Skip(next), optional);
    }

    /// <summary>The only paragraph of a section.</summary>
    internal static string OneParagraph(Section section) =>
        section is { Sections: [], Blocks: [Paragraph only] }
            ? PlainText.Of(only.Text)
            : throw section.Fault($"'{section.Title}' has exactly one paragraph.");

    /// <summary>The links of a section made of one list of links.</summary>
    internal static IEnumerable<(string Text, string Target)> LinkItems(Section section) =>
        section is { Sections: [], Blocks: [ItemList list] } && list.Items.All(i => PlainText.Links(i).Count() == 1)
            ? list.Items.Select(i => PlainText.Links(i).Single())
            : throw section.Fault($"'{section.Title}' is one list with a link in each item.");

    private static void RequireOptional(Section section, IEnumerable<string> skipped, IReadOnlySet<string> optional)
    {
        foreach (var title in skipped.Where(t => !optional.Contains(t)))
        {
            throw section.Fault($"The heading '{title}' is missing below '{section.Title}'.");
        }
    }
}
