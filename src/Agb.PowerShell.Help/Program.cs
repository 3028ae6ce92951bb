namespace Agb.PowerShell.Help;

/// <summary>The command line of the help compiler.</summary>
internal static class Program
{
    private const string Topics = "about_";

    private static int Main(string[] arguments)
    {
        if (arguments is not [var pages, var output])
        {
            Console.Error.WriteLine("Usage: Agb.PowerShell.Help PAGES OUTPUT");
            return 2;
        }
        try
        {
            Compile(pages, output);
            return 0;
        }
        catch (Exception e) when (e is HelpException or IOException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    /// <summary>Compiles a directory of pages: one help file for all cmdlets, one text for each about topic.</summary>
    internal static void Compile(string pages, string output)
    {
        Directory.CreateDirectory(output);
        var commands = new List<CommandHelp>();
        foreach (var file in Directory.GetFiles(pages, "*.md").Order(StringComparer.Ordinal))
        {
            var page = MarkdownReader.Read(file);
            LinkCheck.Require(page);
            if (Path.GetFileName(file).StartsWith(Topics, StringComparison.Ordinal))
            {
                var text = AboutWriter.Write(AboutPage.Read(page));
                File.WriteAllText(Path.Combine(output, Path.GetFileNameWithoutExtension(file) + ".help.txt"), text);
            }
            else
            {
                commands.Add(CommandPage.Read(page));
            }
        }
        MamlWriter.Write(Path.Combine(output, "Agb.PowerShell.dll-Help.xml"), commands);
    }
}
