namespace Agb.PowerShell.Help;

/// <summary>Reads a cmdlet's page.</summary>
internal static class CommandPage
{
    /// <summary>The minimum number of examples on a page.</summary>
    internal const int FewestExamples = 3;

    /// <summary>The headings of a page, in this order.</summary>
    internal static readonly string[] Headings =
        ["Synopsis", "Description", "Parameters", "Inputs", "Outputs", "Examples", "Notes", "Related links"];

    /// <summary>The prefixes of comments in an example: commands to run before it, and a pattern for its output.</summary>
    private static readonly string[] s_comments = ["setup:", "expect:"];

    /// <summary>Reads a page.</summary>
    /// <exception cref="HelpException">A heading is unknown, missing or out of order, or has forbidden content.</exception>
    internal static CommandHelp Read(Page page)
    {
        var name = Path.GetFileNameWithoutExtension(page.File);
        if (page.Root.Title != name || page.Root.Blocks.Count > 0)
        {
            throw page.Root.Fault($"The title must be '{name}', like the file, and the next heading must follow it directly.");
        }
        Headed.Require(page.Root, Headings, new HashSet<string> { "Notes" });
        var sections = page.Root.Sections.ToDictionary(s => s.Title);
        return new CommandHelp
        {
            Name = name,
            Synopsis = Headed.OneParagraph(sections["Synopsis"]),
            Description = Text(sections["Description"]),
            Parameters = [.. Children(sections["Parameters"]).Select(ParameterPart.Read)],
            Inputs = [.. Children(sections["Inputs"]).Select(s => (s.Title, string.Join(' ', Text(s))))],
            Outputs = [.. Children(sections["Outputs"]).Select(s => (s.Title, string.Join(' ', Text(s))))],
            Examples = Examples(sections["Examples"]),
            Notes = sections.TryGetValue("Notes", out var notes) ? Text(notes) : [],
            Links = [.. Headed.LinkItems(sections["Related links"]).Select(l => l.Text)],
        };
    }

    /// <summary>A section's paragraphs and lists, as paragraphs.</summary>
    internal static IReadOnlyList<string> Text(Section section, IEnumerable<Block>? blocks = null)
    {
        if (section.Sections.Count > 0)
        {
            throw section.Sections[0].Fault($"No heading is allowed below '{section.Title}'.");
        }
        return [.. (blocks ?? section.Blocks).SelectMany(block => block switch
        {
            Paragraph paragraph => [PlainText.Of(paragraph.Text)],
            ItemList list => list.Items.Select(item => "- " + PlainText.Of(item)),
            _ => throw section.Fault(block, $"'{section.Title}' holds paragraphs and lists only."),
        })];
    }

    private static List<Section> Children(Section section) => section is { Blocks: [], Sections.Count: > 0 }
        ? section.Sections
        : throw section.Fault($"'{section.Title}' holds headings, and text below those only.");

    private static IReadOnlyList<ExampleHelp> Examples(Section section)
    {
        var examples = Children(section).Select(Example).ToArray();
        return examples.Length >= FewestExamples
            ? examples
            : throw section.Fault($"There are {examples.Length} examples; at least {FewestExamples} are expected.");
    }

    private static ExampleHelp Example(Section section)
    {
        var code = section.Blocks.OfType<Code>().ToArray();
        if (code is not [{ Language: "powershell", Lines.Count: > 0 }])
        {
            throw section.Fault($"The example '{section.Title}' has exactly one block of powershell.");
        }
        foreach (var comment in section.Blocks.OfType<Comment>())
        {
            if (!s_comments.Any(c => comment.Text.StartsWith(c, StringComparison.Ordinal)))
            {
                throw section.Fault(comment, $"A comment in an example begins with {string.Join(" or ", s_comments)}");
            }
        }
        return new ExampleHelp(section.Title, code[0].Lines, Text(section, section.Blocks.Where(b => b is not (Comment or Code))));
    }
}
