namespace Agb.Linux;

/// <summary>The depth of trees that the engine walks.</summary>
internal static class TreeDepth
{
    /// <summary>The most directories in each other. Each level of a walk over stored data takes stack, and a descriptor for
    /// each layer; a session can nest directories without end.</summary>
    internal const int Max = 512;
}
