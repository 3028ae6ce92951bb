namespace Agb;

/// <summary>The id of a context, as the service gave it. It is never a name: names are resolved by
/// <see cref="IAgbContexts.FindContextAsync"/>.</summary>
/// <param name="Value">The id, such as <c>SdkCtx-...</c>.</param>
public readonly record struct ContextId(string Value)
{
    /// <summary>The id with a text; null for null.</summary>
    public static ContextId? Optional(string? value) => value is null ? default(ContextId?) : new ContextId(value);

    /// <summary>The text of an id.</summary>
    public static implicit operator string(ContextId id) => id.Value ?? "";

    /// <inheritdoc/>
    public override string ToString() => this;
}
