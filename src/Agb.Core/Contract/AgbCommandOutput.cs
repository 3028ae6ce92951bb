namespace Agb;

/// <summary>An output stream of a command.</summary>
public enum AgbOutputStream
{
    /// <summary>Standard output.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}

/// <summary>One output line of a command.</summary>
public sealed record AgbCommandOutput : AgbObject
{
    /// <summary>The maximum number of characters in one object; a longer line comes in pieces.</summary>
    public const int MaxTextLength = 32 * 1024;

    /// <summary>The session of the command.</summary>
    public required string SessionId { get; init; }

    /// <summary>The stream of the line.</summary>
    public AgbOutputStream Stream { get; init; }

    /// <summary>The number of the line in its stream, from 1.</summary>
    public long Number { get; init; }

    /// <summary>The line without its end (LF or CR LF), decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the line continues in the stream's next object, because it is longer than
    /// <see cref="MaxTextLength"/>.</summary>
    public bool IsPartial { get; init; }

    /// <summary>When the service read the end of the line.</summary>
    public DateTimeOffset Time { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
