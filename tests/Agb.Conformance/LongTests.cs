namespace Agb.Conformance;

/// <summary>Whether tests run in their long form: with <c>AGB_TESTS=long</c> in the environment, as <c>./build.ps1 Prove</c> has it.</summary>
public static class LongTests
{
    /// <summary>Whether they do.</summary>
    public static bool Wanted { get; } = Environment.GetEnvironmentVariable("AGB_TESTS") == "long";

    /// <summary>How often something random is tried.</summary>
    /// <param name="iterations">The number of the short form; the long one has ten times as many.</param>
    public static long Times(int iterations) => Wanted ? 10L * iterations : iterations;
}
