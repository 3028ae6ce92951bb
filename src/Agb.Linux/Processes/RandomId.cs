using System.Security.Cryptography;

namespace Agb.Linux;

/// <summary>Makes ids: 80 random bits in lower-case base 32, unique in practice and without characters to quote.</summary>
internal static class RandomId
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Length = 16;

    internal static string New() => RandomNumberGenerator.GetString(Alphabet, Length);
}
