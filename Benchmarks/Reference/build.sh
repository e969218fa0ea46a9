#!/bin/sh
# Builds the C++ reference: apt-get install g++ libphonenumber-dev
set -eu
cd "$(dirname "$0")"
mkdir -p ../.build
g++ -O2 -std=c++17 -o ../.build/phone-reference reference.cpp -lphonenumber
