namespace Agb.Testing;

/// <summary>Long form of tests: enabled by <c>AGB_TESTS=long</c> in the environment, as in <c>./build.ps1 Prove</c>.</summary>
public static class LongTests
{
    /// <summary>Whether the long form is enabled.</summary>
    public static bool Wanted { get; } = Environment.GetEnvironmentVariable("AGB_TESTS") == "long";

    /// <summary>The number of random trials.</summary>
    /// <param name="iterations">The number in the short form; the long form has twenty times as many.</param>
    public static long Times(int iterations) => Wanted ? 20L * iterations : iterations;
}
