namespace Agb.Protocol;

/// <summary>The arguments of the tool <c>shell</c>.</summary>
public sealed record ShellArguments
{
    /// <summary>The tool's name.</summary>
    public const string ToolName = "shell";

    /// <summary>The command line.</summary>
    public string? Command { get; init; }

    /// <summary>The time limit.</summary>
    [JsonPropertyName("timeout_ms")]
    public long? TimeoutMs { get; init; }

    /// <summary>The working directory.</summary>
    public string? Cwd { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string>? Envs { get; init; }
}

/// <summary>The answer of the tool <c>shell</c>, as JSON in its text. The exit code tells success from failure.</summary>
public sealed record ShellResult
{
    /// <summary>Standard output.</summary>
    public string? Stdout { get; init; }

    /// <summary>Standard error.</summary>
    public string? Stderr { get; init; }

    /// <summary>The exit code.</summary>
    [JsonPropertyName("exit_code")]
    public int? ExitCode { get; init; }

    /// <summary>Alias of the exit code.</summary>
    public int? ErrorCode { get; init; }

    /// <summary>An id for the analysis of failures.</summary>
    public string? TraceId { get; init; }
}
