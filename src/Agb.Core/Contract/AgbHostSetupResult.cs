namespace Agb;

/// <summary>Result of a host setup.</summary>
public sealed record AgbHostSetupResult
{
    /// <summary>Whether all programs needed for sessions are installed.</summary>
    public required bool Ready { get; init; }

    /// <summary>The packages installed or still to install.</summary>
    public IReadOnlyList<string> Packages { get; init => field = Indexable.List(value); } = Indexable.List<string>([]);

    /// <summary>The command to run if this process can't or may not install the packages; null if there is nothing to
    /// do.</summary>
    public string? Command { get; init; }

    /// <summary>The actions taken, or the reason for none.</summary>
    public required string Message { get; init; }
}
