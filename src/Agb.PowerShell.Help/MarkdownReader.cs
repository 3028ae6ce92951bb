using System.Text.RegularExpressions;

namespace Agb.PowerShell.Help;

/// <summary>Reads a page into its tree.</summary>
internal sealed partial class MarkdownReader
{
    private readonly string _file;
    private readonly string[] _lines;
    private int _at;

    private MarkdownReader(string file, string[] lines) => (_file, _lines) = (file, lines);

    /// <summary>Reads a file.</summary>
    /// <exception cref="HelpException">The page uses Markdown outside the subset of help pages.</exception>
    internal static Page Read(string file) => Read(file, File.ReadAllLines(file));

    /// <summary>Reads lines.</summary>
    internal static Page Read(string file, string[] lines) => new MarkdownReader(file, lines).ReadPage();

    private Page ReadPage()
    {
        Section? root = null;
        var open = new Stack<Section>();
        for (_at = 0; _at < _lines.Length;)
        {
            if (string.IsNullOrWhiteSpace(_lines[_at]))
            {
                _at++;
                continue;
            }
            if (HeadingPattern().Match(_lines[_at]) is { Success: true } heading)
            {
                var section = new Section(_file, _at + 1, heading.Groups[1].Length, heading.Groups[2].Value.Trim());
                _at++;
                while (open.Count >= section.Level)
                {
                    open.Pop();
                }
                if (open.Count != section.Level - 1 || (section.Level == 1 && root is not null))
                {
                    throw section.Fault($"The heading '{section.Title}' is not one level below the one it belongs to.");
                }
                (open.Count == 0 ? [] : open.Peek().Sections).Add(section);
                root ??= section;
                open.Push(section);
            }
            else if (open.Count == 0)
            {
                throw Fault("A page begins with its title.");
            }
            else
            {
                open.Peek().Blocks.Add(ReadBlock());
            }
        }
        return new Page(_file, root ?? throw Fault("The page is empty."));
    }

    private Block ReadBlock() => _lines[_at] switch
    {
        var line when line.StartsWith("```", StringComparison.Ordinal) => ReadCode(),
        var line when line.StartsWith("<!--", StringComparison.Ordinal) => ReadComment(),
        var line when line.StartsWith("- ", StringComparison.Ordinal) => ReadList(),
        var line when line.StartsWith('|') => ReadTable(),
        var line when line[0] is ' ' or '\t' or '>' or '*' or '+' || HtmlPattern().IsMatch(line) =>
            throw Fault("Help pages use paragraphs, lists with '- ', tables, fences and comments only."),
        _ => ReadParagraph(),
    };

    private Paragraph ReadParagraph()
    {
        var (start, words) = (_at + 1, new List<string>());
        while (_at < _lines.Length && !string.IsNullOrWhiteSpace(_lines[_at]) && !EndsParagraph(_lines[_at]))
        {
            words.Add(_lines[_at++].Trim());
        }
        return new Paragraph(start, string.Join(' ', words));
    }

    private ItemList ReadList()
    {
        var (start, items) = (_at + 1, new List<string>());
        while (_at < _lines.Length && !string.IsNullOrWhiteSpace(_lines[_at]))
        {
            var line = _lines[_at];
            if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                items.Add(line[2..].Trim());
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal) && !line.TrimStart().StartsWith("- ", StringComparison.Ordinal))
            {
                items[^1] += " " + line.Trim();
            }
            else
            {
                throw Fault("An item's further lines are indented by two blanks; lists in lists are not used.");
            }
            _at++;
        }
        return new ItemList(start, items);
    }

    private Code ReadCode()
    {
        var (start, language, lines) = (_at + 1, _lines[_at++][3..].Trim(), new List<string>());
        while (_at < _lines.Length && _lines[_at].TrimEnd() != "```")
        {
            lines.Add(_lines[_at++]);
        }
        if (_at++ == _lines.Length)
        {
            throw new HelpException(_file, start, "The fence is not closed.");
        }
        return new Code(start, language, lines);
    }

    private Comment ReadComment()
    {
        var (start, lines) = (_at + 1, new List<string>());
        do
        {
            lines.Add(_lines[_at]);
        }
        while (!_lines[_at++].TrimEnd().EndsWith("-->", StringComparison.Ordinal)
            && (_at < _lines.Length ? true : throw new HelpException(_file, start, "The comment is not closed.")));
        var text = string.Join('\n', lines).TrimEnd();
        return new Comment(start, text["<!--".Length..^"-->".Length].Trim());
    }

    private Table ReadTable()
    {
        var (start, rows) = (_at + 1, new List<string[]>());
        while (_at < _lines.Length && _lines[_at].StartsWith('|'))
        {
            rows.Add([.. _lines[_at++].Trim().Trim('|').Split('|').Select(cell => cell.Trim())]);
        }
        if (rows.Count < 3 || rows[1].Any(cell => cell.Trim('-', ':').Length > 0) || rows.Any(row => row.Length != rows[0].Length))
        {
            throw new HelpException(_file, start, "A table has a header, a line of dashes, and rows of as many cells.");
        }
        return new Table(start, rows[0], rows[2..]);
    }

    private HelpException Fault(string fault) => new(_file, _at + 1, fault);

    private static bool EndsParagraph(string line) =>
        line.StartsWith('#') || line.StartsWith('|') || line.StartsWith("```", StringComparison.Ordinal)
        || line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("<!--", StringComparison.Ordinal);

    [GeneratedRegex("^(#{1,4}) +(.+)$")]
    private static partial Regex HeadingPattern();

    [GeneratedRegex("^<[a-zA-Z/]")]
    private static partial Regex HtmlPattern();
}
