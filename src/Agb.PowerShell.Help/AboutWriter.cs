using System.Text;

namespace Agb.PowerShell.Help;

/// <summary>Writes an about topic as text for Get-Help.</summary>
internal static class AboutWriter
{
    private const int Indent = 4;

    /// <summary>The text of a topic.</summary>
    internal static string Write(AboutHelp topic)
    {
        var text = new StringBuilder();
        Heading(text, "TOPIC", 0);
        Lines(text, PlainText.Wrap(topic.Name, Indent));
        Heading(text, "SHORT DESCRIPTION", 0);
        Lines(text, PlainText.Wrap(topic.Short, Indent));
        Heading(text, "LONG DESCRIPTION", 0);
        Section(text, topic.Long);
        Heading(text, "SEE ALSO", 0);
        foreach (var name in topic.SeeAlso)
        {
            Lines(text, PlainText.Wrap(name, Indent));
        }
        return text.ToString();
    }

    private static void Section(StringBuilder text, Section section)
    {
        foreach (var block in section.Blocks)
        {
            Block(text, section, block);
            text.AppendLine();
        }
        foreach (var below in section.Sections)
        {
            Heading(text, PlainText.Of(below.Title), 2);
            Section(text, below);
        }
    }

    private static void Block(StringBuilder text, Section section, Block block)
    {
        switch (block)
        {
            case Paragraph paragraph:
                Lines(text, PlainText.Wrap(PlainText.Of(paragraph.Text), Indent));
                break;
            case ItemList list:
                foreach (var item in list.Items)
                {
                    Lines(text, PlainText.Wrap(PlainText.Of(item), Indent + 2, "- "));
                }
                break;
            case Code code:
                Lines(text, code.Lines.Select(line => (new string(' ', Indent + 2) + line).TrimEnd()));
                break;
            case Table table:
                Rows(text, table);
                break;
            default:
                throw section.Fault(block, "An about topic holds no comments.");
        }
    }

    /// <summary>A table for a terminal: each row's first cell alone, and below it the others, with their column's name before
    /// them if there are several.</summary>
    private static void Rows(StringBuilder text, Table table)
    {
        foreach (var row in table.Rows)
        {
            if (row != table.Rows[0])
            {
                text.AppendLine();
            }
            Lines(text, PlainText.Wrap(PlainText.Of(row[0]), Indent));
            for (var i = 1; i < row.Count; i++)
            {
                var name = table.Header.Count > 2 ? Capital(table.Header[i]) + ": " : "";
                Lines(text, PlainText.Wrap(name + PlainText.Of(row[i]), Indent + 4));
            }
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static void Heading(StringBuilder text, string heading, int indent)
    {
        if (text.Length > 0 && !text.ToString().EndsWith("\n\n", StringComparison.Ordinal))
        {
            text.AppendLine();
        }
        text.Append(' ', indent).AppendLine(heading);
    }

    private static void Lines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            text.AppendLine(line);
        }
    }
}
