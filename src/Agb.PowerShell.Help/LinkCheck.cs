namespace Agb.PowerShell.Help;

/// <summary>Finds broken links.</summary>
internal static class LinkCheck
{
    /// <summary>Throws if a page links to a missing file.</summary>
    internal static void Require(Page page) => Require(page.Root, Path.GetDirectoryName(Path.GetFullPath(page.File))!);

    private static void Require(Section section, string directory)
    {
        foreach (var block in section.Blocks)
        {
            foreach (var (_, target) in Texts(block).SelectMany(PlainText.Links))
            {
                var file = target.Split('#')[0];
                if (!target.StartsWith("http", StringComparison.Ordinal) && !File.Exists(Path.Combine(directory, file)))
                {
                    throw section.Fault(block, $"The link's target '{target}' does not exist.");
                }
            }
        }
        foreach (var below in section.Sections)
        {
            Require(below, directory);
        }
    }

    private static IEnumerable<string> Texts(Block block) => block switch
    {
        Paragraph paragraph => [paragraph.Text],
        ItemList list => list.Items,
        Table table => table.Rows.SelectMany(row => row),
        _ => [],
    };
}
