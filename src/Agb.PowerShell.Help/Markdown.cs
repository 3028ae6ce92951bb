namespace Agb.PowerShell.Help;

/// <summary>A page: a tree of headings. Supports only the Markdown of help pages; anything else is an error.</summary>
/// <param name="File">The file, for messages and links.</param>
/// <param name="Root">The first heading, above all others.</param>
internal sealed record Page(string File, Section Root);

/// <summary>A heading and its content.</summary>
/// <param name="File">The page's file.</param>
/// <param name="Line">The heading's line, from 1.</param>
/// <param name="Level">1 for the page's title.</param>
/// <param name="Title">The heading's text.</param>
internal sealed record Section(string File, int Line, int Level, string Title)
{
    /// <summary>The blocks before the next heading below.</summary>
    public List<Block> Blocks { get; } = [];

    /// <summary>The headings one level below.</summary>
    public List<Section> Sections { get; } = [];

    /// <summary>A fault at the heading.</summary>
    public HelpException Fault(string fault) => new(File, Line, fault);

    /// <summary>A fault at a block below the heading.</summary>
    public HelpException Fault(Block block, string fault) => new(File, block.Line, fault);
}

/// <summary>A part of a section.</summary>
/// <param name="Line">Its first line, from 1.</param>
internal abstract record Block(int Line);

/// <summary>A paragraph: lines joined by blanks.</summary>
internal sealed record Paragraph(int Line, string Text) : Block(Line);

/// <summary>A list; an item may span lines, but holds no other blocks.</summary>
internal sealed record ItemList(int Line, IReadOnlyList<string> Items) : Block(Line);

/// <summary>A fenced block: its language and its lines.</summary>
internal sealed record Code(int Line, string Language, IReadOnlyList<string> Lines) : Block(Line);

/// <summary>A table with a header.</summary>
internal sealed record Table(int Line, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows) : Block(Line);

/// <summary>A hidden comment: an instruction for the test of the examples.</summary>
internal sealed record Comment(int Line, string Text) : Block(Line);
