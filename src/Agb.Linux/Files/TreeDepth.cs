namespace Agb.Linux;

/// <summary>The depth limit of the engine's tree walks.</summary>
internal static class TreeDepth
{
    /// <summary>The maximum nesting of directories. Each level of a walk over stored data takes stack, and a descriptor for
    /// each layer; a session can nest directories without limit.</summary>
    internal const int Max = 512;
}
