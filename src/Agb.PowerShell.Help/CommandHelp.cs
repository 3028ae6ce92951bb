namespace Agb.PowerShell.Help;

/// <summary>A cmdlet's help.</summary>
internal sealed record CommandHelp
{
    /// <summary>Verb-Noun.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in one sentence.</summary>
    public required string Synopsis { get; init; }

    /// <summary>What it does, in paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The parameters, without PowerShell's own.</summary>
    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    /// <summary>What it takes from the pipeline: types and explanations.</summary>
    public required IReadOnlyList<(string Type, string Text)> Inputs { get; init; }

    /// <summary>What it emits: types and explanations.</summary>
    public required IReadOnlyList<(string Type, string Text)> Outputs { get; init; }

    /// <summary>The examples.</summary>
    public required IReadOnlyList<ExampleHelp> Examples { get; init; }

    /// <summary>What else there is to know; mostly nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Names of related cmdlets and topics.</summary>
    public required IReadOnlyList<string> Links { get; init; }
}

/// <summary>A parameter's help.</summary>
internal sealed record ParameterHelp
{
    /// <summary>The name, without the dash.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in paragraphs.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The type, as PowerShell writes it in a syntax.</summary>
    public required string Type { get; init; }

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The parameter sets that it belongs to; empty for all.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Whether it must be given.</summary>
    public required bool Required { get; init; }

    /// <summary>Its position, or null when it must be named.</summary>
    public required int? Position { get; init; }

    /// <summary>What it is when it is not given.</summary>
    public required string Default { get; init; }

    /// <summary>How it is taken from the pipeline: nothing, <c>ByValue</c>, <c>ByPropertyName</c> or both.</summary>
    public IReadOnlyList<string> Pipeline { get; init; } = [];

    /// <summary>Whether it takes wildcards.</summary>
    public required bool Wildcards { get; init; }

    /// <summary>Whether it takes no value.</summary>
    public bool IsSwitch => Type == "SwitchParameter";
}

/// <summary>An example.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Code">What to type.</param>
/// <param name="Remarks">What happens then, in paragraphs.</param>
internal sealed record ExampleHelp(string Title, IReadOnlyList<string> Code, IReadOnlyList<string> Remarks);
