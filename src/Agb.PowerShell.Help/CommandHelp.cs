namespace Agb.PowerShell.Help;

/// <summary>A cmdlet's help.</summary>
internal sealed record CommandHelp
{
    /// <summary>The name, Verb-Noun.</summary>
    public required string Name { get; init; }

    /// <summary>The summary, in one sentence.</summary>
    public required string Synopsis { get; init; }

    /// <summary>The description, in paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The parameters, without PowerShell's own.</summary>
    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    /// <summary>The pipeline input: types and explanations.</summary>
    public required IReadOnlyList<(string Type, string Text)> Inputs { get; init; }

    /// <summary>The output: types and explanations.</summary>
    public required IReadOnlyList<(string Type, string Text)> Outputs { get; init; }

    /// <summary>The examples.</summary>
    public required IReadOnlyList<ExampleHelp> Examples { get; init; }

    /// <summary>Further notes; mostly none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Names of related cmdlets and topics.</summary>
    public required IReadOnlyList<string> Links { get; init; }
}

/// <summary>A parameter's help.</summary>
internal sealed record ParameterHelp
{
    /// <summary>The name, without the dash.</summary>
    public required string Name { get; init; }

    /// <summary>The description, in paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The type, as PowerShell writes it in a syntax.</summary>
    public required string Type { get; init; }

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The parameter's sets; empty for all.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Whether the parameter is mandatory.</summary>
    public required bool Required { get; init; }

    /// <summary>The position, or null for a named parameter.</summary>
    public required int? Position { get; init; }

    /// <summary>The default value.</summary>
    public required string Default { get; init; }

    /// <summary>The pipeline binding: nothing, <c>ByValue</c>, <c>ByPropertyName</c> or both.</summary>
    public IReadOnlyList<string> Pipeline { get; init; } = [];

    /// <summary>Whether wildcards are allowed.</summary>
    public required bool Wildcards { get; init; }

    /// <summary>Whether the parameter has no value.</summary>
    public bool IsSwitch => Type == "SwitchParameter";
}

/// <summary>An example.</summary>
/// <param name="Title">The title.</param>
/// <param name="Code">The commands.</param>
/// <param name="Remarks">The explanation of the result, in paragraphs.</param>
internal sealed record ExampleHelp(string Title, IReadOnlyList<string> Code, IReadOnlyList<string> Remarks);
