namespace Agb;

/// <summary>The id of a session, as the service gave it.</summary>
/// <param name="Value">The id.</param>
public readonly record struct SessionId(string Value)
{
    /// <summary>The text of an id.</summary>
    public static implicit operator string(SessionId id) => id.Value ?? "";

    /// <inheritdoc/>
    public override string ToString() => this;
}
