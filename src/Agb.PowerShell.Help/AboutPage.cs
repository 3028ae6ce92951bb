namespace Agb.PowerShell.Help;

/// <summary>An about topic.</summary>
/// <param name="Name">Its name, <c>about_...</c>.</param>
/// <param name="Short">The description in Get-Help's list.</param>
/// <param name="Long">The text, with free headings.</param>
/// <param name="SeeAlso">The names of related topics.</param>
internal sealed record AboutHelp(string Name, string Short, Section Long, IReadOnlyList<string> SeeAlso);

/// <summary>Reads an about topic's page.</summary>
internal static class AboutPage
{
    /// <summary>The headings of a page, in this order.</summary>
    internal static readonly string[] Headings = ["Short description", "Long description", "See also"];

    /// <summary>Reads a page.</summary>
    /// <exception cref="HelpException">A heading is unknown, missing or out of order, or has forbidden content.</exception>
    internal static AboutHelp Read(Page page)
    {
        var name = Path.GetFileNameWithoutExtension(page.File);
        if (page.Root.Title != name || page.Root.Blocks.Count > 0)
        {
            throw page.Root.Fault($"The title must be '{name}', like the file, and the next heading must follow it directly.");
        }
        Headed.Require(page.Root, Headings, new HashSet<string>());
        var sections = page.Root.Sections;
        return new AboutHelp(name, Headed.OneParagraph(sections[0]), sections[1], [.. Headed.LinkItems(sections[2]).Select(l => l.Text)]);
    }
}
