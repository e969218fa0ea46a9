// reference FILE PASSES: CPU nanoseconds a number and the count of valid ones, by Debian's libphonenumber.
#include <phonenumbers/phonenumberutil.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static double nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream file(argv[1]);
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    lines.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  const int passes = std::atoi(argv[2]);
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  long valid = 0;
  PhoneNumber number;
  std::string e164;
  auto pass = [&] {
    for (const auto& [region, text] : lines) {
      if (util.Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) continue;
      if (!util.IsValidNumber(number)) continue;
      util.Format(number, PhoneNumberUtil::E164, &e164);
      ++valid;
    }
  };
  pass();  // fills its cache of compiled patterns
  valid = 0;
  const double start = nanoseconds();
  for (int i = 0; i < passes; ++i) pass();
  std::printf("%f %ld\n", (nanoseconds() - start) / (double(passes) * lines.size()), valid / passes);
}
